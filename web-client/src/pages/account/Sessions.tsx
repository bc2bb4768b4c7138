// The sessions of the own account: the device, its times, and the end of one or of all.
import { useState } from "react";
import { errorText } from "../../api/errors.ts";
import { ago, day } from "../../base/text.ts";
import type { TokenInfo } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { ConfirmDialog } from "../shared/ConfirmDialog.tsx";
import { signOut } from "../shared/sign-out.ts";
import { deviceName } from "./device-name.ts";
import { useRevoke, useTokens } from "./use-tokens.ts";

/** Sessions that are added to the list at a time. */
const PAGE = 10;

export function Sessions() {
  const tokens = useTokens();
  const [shown, setShown] = useState(PAGE);
  const all = tokens.data?.tokens ?? [];
  // The own session first, however long ago the server has noted its use.
  const sorted = [...all].sort((a, b) => Number(b.current) - Number(a.current));
  const list = {
    loading: tokens.isPending,
    problem: tokens.error === null ? undefined : errorText(tokens.error),
    hasMore: all.length > shown,
    loadMore: () => setShown(shown + PAGE),
    reload: () => void tokens.refetch(),
  };
  return (
    <section className="account-part" aria-labelledby="account-sessions">
      <h2 id="account-sessions">Sessions</h2>
      <p className="account-about">Each device and program that is signed in to your account.</p>
      <PagedList
        list={list}
        items={sorted.slice(0, shown)}
        className="account-sessions"
        row={(token) => <SessionRow key={token.id} token={token} />}
        placeholder={<span className="spinner" role="status" aria-label="Loading" />}
        empty={<p>No session is active.</p>}
        failed="Couldn't load your sessions"
        more="Show more"
      />
      <Everywhere />
    </section>
  );
}

function millis(micros: bigint): number {
  return Number(micros / 1000n);
}

function factsOf({ createdMicros, usedMicros }: TokenInfo): string {
  return [
    `Signed in ${day(millis(createdMicros))}`,
    `last used ${ago(millis(usedMicros), Date.now())}`,
  ].join(" · ");
}

function SessionRow({ token }: { token: TokenInfo }) {
  const revoking = useRevoke();
  const name = deviceName(token.device);
  return (
    <li className="account-session" data-testid="session">
      <div className="account-device">
        <span className="account-device-name" title={token.device}>
          {name}
        </span>
        <span className="note">{factsOf(token)}</span>
      </div>
      {token.current ? (
        <span className="account-current" data-testid="session-current">
          This device
        </span>
      ) : (
        <Button
          data-testid="session-end"
          aria-label={`End the session of ${name}`}
          disabled={revoking.isPending}
          onClick={() => revoking.mutate({ id: token.id })}
        >
          End
        </Button>
      )}
      {revoking.error === null ? null : (
        <p className="note error account-error" role="alert">
          {errorText(revoking.error)}
        </p>
      )}
    </li>
  );
}

function Everywhere() {
  const [asking, setAsking] = useState(false);
  const onConfirm = () => {
    setAsking(false);
    void signOut({ everywhere: true });
  };
  return (
    <div className="account-foot">
      <Button look="danger" data-testid="sign-out-everywhere" onClick={() => setAsking(true)}>
        Sign out everywhere
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Sign out everywhere?"
          text="All your sessions end, on every device and in every program, also this one."
          action="Sign out everywhere"
          busy={false}
          error={undefined}
          onConfirm={onConfirm}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  );
}

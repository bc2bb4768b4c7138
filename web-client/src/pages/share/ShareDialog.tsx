// The dialog with the persons and links that have a role on a sheet. The owner changes them; other persons see the
// list, and leave the sheet.
import { useEffect, useRef, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { ListSharesResponse, Share } from "../../gen/gridloom/v1/sharing_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { showToast } from "../../ui/toasts.ts";
import { ConfirmDialog, LEAVING } from "../shared/ConfirmDialog.tsx";
import { AddPerson } from "./AddPerson.tsx";
import { Links } from "./Links.tsx";
import { PersonRow } from "./PersonRow.tsx";
import { reloadShares, useLeave, useShares } from "./use-shares.ts";

interface ShareDialogProps {
  id: string;
  name: string;
  sheet: LiveSheet;
  onClose: () => void;
}

/** Loads the roles again when some of them have changed while the dialog is open. */
function useChanges(sheet: LiveSheet): void {
  const { role } = useStore(sheet.layout);
  const now = `${role}/${useStore(sheet.sharing)}`;
  const shown = useRef(now);
  useEffect(() => {
    if (shown.current !== now) void reloadShares();
    shown.current = now;
  }, [now]);
}

export default function ShareDialog({ id, name, sheet, onClose }: ShareDialogProps) {
  const shares = useShares(id);
  useChanges(sheet);
  const { data, error } = shares;
  return (
    <Dialog title={`Share “${name}”`} onClose={onClose} testId="share" wide>
      {data === undefined ? (
        <div className="share-wait">
          {error === null ? (
            <span className="spinner" role="status" aria-label="Loading" />
          ) : (
            <>
              <p role="alert">{errorText(error)}</p>
              <Button onClick={() => void shares.refetch()}>Try again</Button>
            </>
          )}
        </div>
      ) : (
        <Content {...{ id, name }} list={data} />
      )}
    </Dialog>
  );
}

/**
 * One person may have a role by its address and others by links. The account of an address is known from the first use
 * of the role on: the row stays, with what is open in it.
 */
function keyOf({ accountId, email, linkId }: Share): string {
  return `${email || accountId}/${linkId}`;
}

function Content({ id, name, list }: { id: string; name: string; list: ListSharesResponse }) {
  const isOwner = list.role === Role.OWNER;
  return (
    <div className="share">
      {isOwner ? <AddPerson id={id} /> : null}
      <section>
        <h3>People</h3>
        <ul className="share-list" data-testid="shares">
          {list.shares.map((share) => (
            <PersonRow key={keyOf(share)} {...{ id, name, share, isOwner }} />
          ))}
        </ul>
        {list.sharesLeftOut ? <p className="note">The latest persons are left out.</p> : null}
      </section>
      {isOwner ? <Links id={id} links={list.links} /> : <Leave {...{ id, name }} />}
    </div>
  );
}

function Leave({ id, name }: { id: string; name: string }) {
  const [asking, setAsking] = useState(false);
  const leaving = useLeave();
  const onLeave = () => {
    const left = () => {
      navigate("/");
      showToast("info", `You have left “${name}”.`);
    };
    leaving.mutate({ sheetId: id }, { onSuccess: left });
  };
  return (
    <section className="share-foot">
      <p className="note">Only the owner of this sheet changes roles.</p>
      <Button look="danger" data-testid="leave" onClick={() => setAsking(true)}>
        Leave this sheet
      </Button>
      {asking ? (
        <ConfirmDialog
          title={`Leave “${name}”?`}
          text={LEAVING}
          action="Leave"
          busy={leaving.isPending}
          error={leaving.error === null ? undefined : errorText(leaving.error)}
          onConfirm={onLeave}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}

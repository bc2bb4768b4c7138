// The page of a link that shares a sheet: it opens the sheet for the account that is signed in. Without one, the
// person signs in or signs up, or continues as a guest, and the address does not change until the sheet opens.
import { useQuery } from "@connectrpc/connect-query";
import { useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import { endSession, session } from "../../api/session.ts";
import { linkPath, navigate, sheetPath } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { SharingService } from "../../gen/gridloom/v1/sharing_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { SIGN_UP, StatePage } from "../shared/StatePage.tsx";
import { reloadLists } from "../shared/sheet-lists.ts";
import SignPage from "../sign/SignPage.tsx";
import { GuestPage } from "./GuestPage.tsx";

export default function LinkPage({ token }: { token: string }) {
  const user = useStore(session);
  if (user === null) return <Enter token={token} />;
  return <Opening key={user.accountId} token={token} />;
}

function Enter({ token }: { token: string }) {
  const [guest, setGuest] = useState(false);
  if (guest) return <GuestPage token={token} onBack={() => setGuest(false)} />;
  return (
    <SignPage
      first={location.search === SIGN_UP ? "sign-up" : "sign-in"}
      about="This link opens a shared sheet."
      also={
        <p>
          No account?{" "}
          <button
            type="button"
            className="link"
            data-testid="as-guest"
            onClick={() => setGuest(true)}
          >
            Continue as a guest
          </button>
        </p>
      }
    />
  );
}

/** Opens the link; to open it twice has the same effect as once. */
function Opening({ token }: { token: string }) {
  const options = { gcTime: 0, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false };
  const opening = useQuery(SharingService.method.openLink, { token }, options);
  const { data, error } = opening;
  useEffect(() => {
    if (data === undefined) return;
    reloadLists();
    navigate(sheetPath(data.sheetId), "replace");
  }, [data]);
  if (error !== null)
    return <Failed {...{ token, error }} onRetry={() => void opening.refetch()} />;
  return (
    <main className="sign">
      <span className="spinner" role="status" aria-label="Opening the sheet" />
    </main>
  );
}

interface FailedProps {
  token: string;
  error: Error;
  onRetry: () => void;
}

function Failed({ token, error, onRetry }: FailedProps) {
  const reason = reasonOf(error).name;
  const text = errorText(error);
  if (reason === "LINK_ENDED")
    return <StatePage title="This link has ended" testId="link-ended" text={text} account />;
  const signUp = () => {
    navigate(`${linkPath(token)}${SIGN_UP}`, "replace");
    endSession();
  };
  const isGuest = reason === "GUEST";
  return (
    <StatePage
      title={isGuest ? "This link needs an account" : "This link can't be opened"}
      text={text}
      testId={isGuest ? "link-needs-account" : "link-failure"}
      actions={
        <Button look="primary" onClick={isGuest ? signUp : onRetry}>
          {isGuest ? "Sign up" : "Try again"}
        </Button>
      }
      account
    />
  );
}

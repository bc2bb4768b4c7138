// Asks to sign in again, over the page, when the server no longer takes the token. The page stays as
// it is: the same account goes on with everything that was typed.
import { endSession, type Session, standing } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { SignForm } from "./SignForm.tsx";

export function SignInAgain({ who }: { who: Session }) {
  const now = useStore(standing);
  if (now !== "ended") return null;
  return (
    <Dialog title="Sign in again" onClose={later} testId="sign-in-again">
      <div className="stack">
        <p>Your session has ended. Nothing you typed is lost: sign in to continue.</p>
        <SignForm mode="sign-in" action="Sign in" email={who.email} onDone={() => undefined} />
        <p className="sign-foot">
          <button type="button" className="link" data-testid="sign-in-other" onClick={endSession}>
            Sign in as someone else
          </button>
        </p>
      </div>
    </Dialog>
  );
}

/** The person closes the dialog; the status pill of a sheet opens it again. */
function later(): void {
  if (standing.get() === "ended") standing.set("later");
}

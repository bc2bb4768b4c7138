// The dialog to sign in again, when the server no longer accepts the token. The page behind it stays open, with
// everything that the person has typed.
import { isGuest, oldSignIn, type Session, signInLater, tokenState } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Part } from "../../ui/Part.tsx";
import { signOut } from "../shared/sign-out.ts";
import { continueWith } from "./continue-with.ts";
import { SignForm } from "./SignForm.tsx";

export function SignInAgain({ user }: { user: Session }) {
  const now = useStore(tokenState);
  if (now !== "ended") return null;
  return (
    <Dialog title="Sign in again" onClose={signInLater} testId="sign-in-again">
      <div className="stack">
        <p>{why(user)}</p>
        <SignForm mode="sign-in" action="Sign in" email={user.email} onDone={() => undefined} />
        <Part part={continueWith} given={{}} frame={() => null} />
        <p className="sign-foot">
          <button
            type="button"
            className="link"
            data-testid="sign-in-other"
            onClick={() => void signOut()}
          >
            Sign in as someone else
          </button>
        </p>
      </div>
    </Dialog>
  );
}

function why(user: Session): string {
  if (isGuest(user))
    return "Your time as a guest has ended. Sign in with an account, or open your link again.";
  const { token, days } = oldSignIn.get();
  const ended =
    token === user.token
      ? `You signed in ${days} days ago, and a sign-in lasts no longer.`
      : "Your session has ended.";
  return `${ended} Nothing that you typed is lost: sign in to continue.`;
}

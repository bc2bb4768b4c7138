// The page after the deletion of an account, in all tabs of the browser.
import { leaveDeleted } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { SignFrame } from "./SignFrame.tsx";

export default function DeletedPage() {
  return (
    <SignFrame
      title="Your account is deleted"
      about="You are signed out in this browser, and on all other devices."
      foot={null}
    >
      <div className="stack" role="status" data-testid="account-deleted">
        <p>
          What you wrote on the sheets of others stays there. It shows your name for 90 days more.
        </p>
        <Button look="primary" className="wide" data-testid="deleted-leave" onClick={leaveDeleted}>
          Continue to sign in
        </Button>
      </div>
    </SignFrame>
  );
}

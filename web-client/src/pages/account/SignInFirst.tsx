// Asks the owner of an account without a password to sign in with the provider again. The way back leads to the form.
import type { Session } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { useLeave } from "../sign/provider/use-leave.ts";
import { useServerSettings } from "../sign/use-server-settings.ts";
import { type Choice, deletionPath } from "./deletion-address.ts";

interface SignInFirstProps {
  user: Session;
  choice: Choice;
  onClose: () => void;
}

export function SignInFirst({ user, choice, onClose }: SignInFirstProps) {
  const name = useServerSettings()?.providerName || "the provider";
  const errand = () => ({
    path: deletionPath(choice),
    invitation: "",
    accountId: user.accountId,
  });
  const { go, isGoing, problem } = useLeave(name, errand, true);
  return (
    <div className="stack" data-testid="delete-sign-in">
      <p>
        Your account has no password. To show that it is you, sign in with {name} once more. You
        come back here, and nothing is deleted before you confirm it.
      </p>
      <p className="form-error" role="alert" data-testid="delete-sign-in-error">
        {problem}
      </p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" data-testid="delete-provider" disabled={isGoing} onClick={go}>
          Continue with {name}
        </Button>
      </div>
    </div>
  );
}

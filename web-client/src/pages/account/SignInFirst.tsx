// Asks the owner of an account without a password to sign in with the provider again. The way back leads to the form.
import { useQuery } from "@connectrpc/connect-query";
import { useMutation } from "@tanstack/react-query";
import type { Session } from "../../api/session.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { leave } from "../sign/provider/leave.ts";
import { providerError } from "../sign/provider/texts.ts";
import { type Choice, deletionPath } from "./deletion-address.ts";

interface SignInFirstProps {
  user: Session;
  choice: Choice;
  onClose: () => void;
}

export function SignInFirst({ user, choice, onClose }: SignInFirstProps) {
  const { data } = useQuery(AccountService.method.getServerSettings, {});
  const name = data?.providerName || "the provider";
  const leaving = useMutation({
    mutationFn: () =>
      leave({ path: deletionPath(choice), invitation: "", accountId: user.accountId }, true),
  });
  return (
    <div className="stack" data-testid="delete-sign-in">
      <p>
        Your account has no password. To show that it is you, sign in with {name} once more. You
        come back here, and nothing is deleted before you confirm it.
      </p>
      <p className="form-error" role="alert" data-testid="delete-sign-in-error">
        {leaving.error === null ? "" : providerError(leaving.error, name)}
      </p>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          data-testid="delete-provider"
          disabled={leaving.isPending || leaving.isSuccess}
          onClick={() => leaving.mutate()}
        >
          Continue with {name}
        </Button>
      </div>
    </div>
  );
}

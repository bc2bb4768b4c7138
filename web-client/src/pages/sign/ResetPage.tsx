// The page of a link that sets a new password. The token follows the `#` of the address.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Link } from "../../ui/Link.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "./ActionForm.tsx";
import { checkPassword } from "./check-password.ts";
import { SignFrame } from "./SignFrame.tsx";

export default function ResetPage() {
  // A further navigation drops the token from the address.
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string>();
  const setting = useMutation(AccountService.method.resetPassword);
  const onSubmit = () => {
    const found = checkPassword(password);
    setWrong(found);
    setting.reset();
    if (found === undefined) setting.mutate({ token, newPassword: password });
  };
  const { error } = setting;
  const atField = wrong ?? fieldError(error, "new_password");
  return (
    <SignFrame
      title="Set a new password"
      about="It ends all sessions of your account, on every device."
      foot={
        <Link className="link" to="/forgot-password" data-testid="forgot">
          Request another link
        </Link>
      }
    >
      {setting.isSuccess ? (
        <Done />
      ) : (
        <ActionForm
          action="Set the password"
          isPending={setting.isPending}
          failure={error === null || atField !== undefined ? "" : errorText(error)}
          onSubmit={onSubmit}
        >
          <TextField
            label="New password"
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="new-password"
            error={atField}
            testId="password"
          />
        </ActionForm>
      )}
    </SignFrame>
  );
}

function Done() {
  return (
    <div className="stack" role="status" data-testid="password-set">
      <p>Your new password is set. Sign in with it.</p>
      <Button look="primary" className="wide" onClick={() => navigate("/sign-in", "replace")}>
        Sign in
      </Button>
    </div>
  );
}

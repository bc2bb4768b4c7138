// The page of a link that confirms the address of a new account. The token follows the `#` of the address.
//
// Invariant: only the person who knows the account's password confirms it, and only by the button: programs that look
// at the links of a letter confirm nothing.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Link } from "../../ui/Link.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "./ActionForm.tsx";
import { SignFrame } from "./SignFrame.tsx";

export default function ConfirmPage() {
  // A further navigation drops the token from the address.
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState("");
  const confirming = useMutation(AccountService.method.confirmEmail);
  const { error } = confirming;
  const atField = fieldError(error, "password");
  return (
    <SignFrame
      title="Confirm your e-mail address"
      about="Enter the password that you chose when you signed up."
      foot={
        <p>
          Did you not make this account?{" "}
          <Link className="link" to="/forgot-password" data-testid="forgot">
            Set a password of your own
          </Link>
        </p>
      }
    >
      {confirming.isSuccess ? (
        <Done />
      ) : (
        <ActionForm
          action="Confirm the address"
          isPending={confirming.isPending}
          failure={error === null || atField !== undefined ? "" : errorText(error)}
          onSubmit={() => confirming.mutate({ token, password })}
        >
          <TextField
            label="Password"
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
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
    <div className="stack" role="status" data-testid="confirmed">
      <p>Your address is confirmed. Sign in with it.</p>
      <Button look="primary" className="wide" onClick={() => navigate("/sign-in", "replace")}>
        Sign in
      </Button>
    </div>
  );
}

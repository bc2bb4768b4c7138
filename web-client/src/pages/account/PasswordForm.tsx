// The form that changes the password of the account.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Link } from "../../ui/Link.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "../sign/ActionForm.tsx";
import { checkPassword } from "../sign/check-password.ts";
import { reloadTokens } from "./use-tokens.ts";

interface Form {
  old: string;
  next: string;
}

type Errors = { [field in keyof Form]?: string | undefined };

const EMPTY: Form = { old: "", next: "" };

function check({ old, next }: Form): Errors {
  return {
    old: old === "" ? "Enter your present password." : undefined,
    next: checkPassword(next),
  };
}

export function PasswordForm({ email }: { email: string }) {
  const [form, setForm] = useState(EMPTY);
  const [errors, setErrors] = useState<Errors>({});
  const changing = useMutation(AccountService.method.changePassword, {
    onSuccess: () => setForm(EMPTY),
    onSettled: reloadTokens,
  });
  const set = (field: keyof Form) => (value: string) => {
    setForm({ ...form, [field]: value });
    setErrors({ ...errors, [field]: undefined });
    changing.reset();
  };
  const onSubmit = () => {
    const found = check(form);
    setErrors(found);
    changing.reset();
    if (found.old === undefined && found.next === undefined)
      changing.mutate({ oldPassword: form.old, newPassword: form.next });
  };
  const { error } = changing;
  const old = errors.old ?? fieldError(error, "old_password");
  const next = errors.next ?? fieldError(error, "new_password");
  const atField = old !== undefined || next !== undefined;
  return (
    <section className="account-part" aria-labelledby="account-password">
      <h2 id="account-password">Password</h2>
      <p className="account-about">
        A new password ends your sessions on all other devices.{" "}
        <Link className="link" to="/forgot-password" state={email}>
          Forgot your password?
        </Link>
      </p>
      <ActionForm
        action="Change the password"
        look="plain"
        id="password"
        isPending={changing.isPending}
        failure={error === null || atField ? "" : errorText(error)}
        onSubmit={onSubmit}
      >
        {/* For password managers: the account of the password. */}
        <input hidden readOnly autoComplete="username" value={email} />
        <TextField
          label="Present password"
          type="password"
          value={form.old}
          onChange={set("old")}
          autoComplete="current-password"
          error={old}
          testId="old-password"
        />
        <TextField
          label="New password"
          type="password"
          value={form.next}
          onChange={set("next")}
          autoComplete="new-password"
          error={next}
          testId="new-password"
        />
      </ActionForm>
      <p className="account-done" role="status" data-testid="password-changed">
        {changing.isSuccess ? "Your password is changed. All other sessions have ended." : ""}
      </p>
    </section>
  );
}

// The form that changes the name of the account.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { errorText, fieldError } from "../../api/errors.ts";
import { accountChanged, type Session } from "../../api/session.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "../sign/ActionForm.tsx";

export function NameForm({ user }: { user: Session }) {
  const [name, setName] = useState(user.displayName);
  const [missing, setMissing] = useState(false);
  const changing = useMutation(AccountService.method.updateAccount, {
    onSuccess: ({ account }) => {
      if (account === undefined) return;
      setName(account.displayName);
      accountChanged(account);
    },
  });
  const onChange = (next: string) => {
    setName(next);
    setMissing(false);
    changing.reset();
  };
  const onSubmit = () => {
    const wanted = name.trim();
    setMissing(wanted === "");
    changing.reset();
    if (wanted !== "") changing.mutate({ displayName: wanted });
  };
  const { error } = changing;
  const atField = missing ? "Enter a name." : fieldError(error, "display_name");
  return (
    <section className="account-part" aria-labelledby="account-name-title">
      <h2 id="account-name-title">Name</h2>
      <ActionForm
        action="Change the name"
        look="plain"
        id="name"
        isPending={changing.isPending}
        failure={error === null || atField !== undefined ? "" : errorText(error)}
        onSubmit={onSubmit}
      >
        <TextField
          label="Your name"
          value={name}
          onChange={onChange}
          autoComplete="name"
          error={atField}
          hint="Others see it at once on sheets that you have open"
          testId="account-display-name"
        />
      </ActionForm>
      <p className="account-done" role="status" data-testid="name-changed">
        {changing.isSuccess ? "Your name is changed." : ""}
      </p>
    </section>
  );
}

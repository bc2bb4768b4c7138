// The form to sign in or to sign up.
import { Code } from "@connectrpc/connect";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { errorText, fieldError, hasCode } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import { beginSession } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "./ActionForm.tsx";
import { checkPassword } from "./check-password.ts";
import { operatorOf, type ServerSettings, useServerSettings } from "./use-server-settings.ts";

export type Mode = "sign-in" | "sign-up";

interface Form {
  name: string;
  email: string;
  password: string;
}

type Errors = { [field in keyof Form]?: string | undefined };

function check(form: Form, mode: Mode): Errors {
  const errors: Errors = {};
  if (!/^\S+@\S+$/.test(form.email)) errors.email = "Enter an e-mail address.";
  const wrong = mode === "sign-up" ? checkPassword(form.password) : undefined;
  if (form.password === "") errors.password = "Enter a password.";
  else if (wrong !== undefined) errors.password = wrong;
  return errors;
}

/** Resolves to false when the address has to be confirmed before the account signs in. */
async function submit(form: Form, mode: Mode, invitation: string): Promise<boolean> {
  const { email, password } = form;
  const answer =
    mode === "sign-up"
      ? await accounts.signUp({ email, password, displayName: form.name, invitation })
      : await accounts.signIn({ email, password });
  if (answer.session !== undefined) beginSession(answer.session, mode === "sign-up");
  return answer.session !== undefined;
}

/** The server's refusals that are about a field. */
function refusals(error: unknown): Errors {
  const taken = error !== null && reasonOf(error).name === "EMAIL_TAKEN";
  return {
    name: fieldError(error, "display_name"),
    email: taken ? errorText(error) : fieldError(error, "email"),
    password: fieldError(error, "password"),
  };
}

function failure(error: unknown, mode: Mode, settings: ServerSettings): string {
  if (mode === "sign-in" && hasCode(error, Code.Unauthenticated))
    return settings?.confirmsEmail && settings.sendsMail
      ? "The e-mail address or the password is wrong, or the address is not confirmed yet: open the link in the letter to it, or set a new password by the link of a forgotten password, which confirms the address, too."
      : "The e-mail address or the password is wrong.";
  if (reasonOf(error).name === "EMAIL_UNCONFIRMED")
    return `Confirm your e-mail address first. This server sends no mail: ask ${operatorOf(settings)} for the link.`;
  return errorText(error);
}

interface SignFormProps {
  mode: Mode;
  action: string;
  /** The initial e-mail address. */
  email: string;
  /** The token of an invitation; empty: none. */
  invitation?: string;
  /** Signs up without the invitation; undefined where the server needs one. */
  withoutInvitation?: (() => void) | undefined;
  /** Receives each change of the e-mail address. */
  onEmail?: (email: string) => void;
  onDone: () => void;
}

export function SignForm(props: SignFormProps) {
  const { mode, action, email, invitation = "", withoutInvitation, onEmail, onDone } = props;
  const [form, setForm] = useState<Form>({ name: "", email, password: "" });
  const [found, setFound] = useState<Errors>({});
  const signing = useMutation({
    mutationFn: (sent: Form) => submit(sent, mode, invitation),
    onSuccess: (isSignedIn) => isSignedIn && onDone(),
  });
  const settings = useServerSettings();
  const { error } = signing;
  const refused = refusals(error);
  const errors = { ...refused, ...found };
  const atField = Object.values(refused).some((message) => message !== undefined);
  const set = (field: keyof Form) => (value: string) => {
    setForm({ ...form, [field]: value });
    if (field === "email") onEmail?.(value);
  };

  const onSubmit = () => {
    const wrong = check(form, mode);
    setFound(wrong);
    signing.reset();
    if (Object.keys(wrong).length > 0) return;
    signing.mutate({ ...form, name: form.name.trim(), email: form.email.trim() });
  };

  const invitationRefused = fieldError(error, "invitation") !== undefined;
  const onWithout = () => {
    signing.reset();
    withoutInvitation?.();
  };

  if (signing.data === false) return <Unconfirmed email={form.email.trim()} />;
  return (
    <ActionForm
      action={action}
      isPending={signing.isPending}
      failure={error === null || atField ? "" : failure(error, mode, settings)}
      onSubmit={onSubmit}
    >
      <Fields {...{ form, mode, errors, set }} />
      {invitationRefused && withoutInvitation !== undefined ? (
        <button type="button" className="link" data-testid="without-invitation" onClick={onWithout}>
          Sign up without the invitation
        </button>
      ) : null}
    </ActionForm>
  );
}

function Unconfirmed({ email }: { email: string }) {
  const settings = useServerSettings();
  return (
    <div className="stack" role="status" data-testid="unconfirmed">
      {settings?.sendsMail === false ? (
        <p>
          Your account is made. This server sends no mail: ask {operatorOf(settings)} for the link
          that confirms <b>{email}</b>, open it, then sign in.
        </p>
      ) : (
        <p>
          A letter is on its way to <b>{email}</b>. Open the link in it to confirm the address, then
          sign in. If you have signed up with this address before, the password of the first time
          counts.
        </p>
      )}
    </div>
  );
}

interface FieldsProps {
  form: Form;
  mode: Mode;
  errors: Errors;
  set: (field: keyof Form) => (value: string) => void;
}

function Fields({ form, mode, errors, set }: FieldsProps) {
  return (
    <>
      {mode === "sign-up" ? (
        <TextField
          label="Name (optional)"
          value={form.name}
          onChange={set("name")}
          autoComplete="name"
          error={errors.name}
          hint="Shown to people you work with"
          testId="name"
        />
      ) : null}
      <TextField
        label="E-mail"
        type="email"
        value={form.email}
        onChange={set("email")}
        autoComplete="email"
        error={errors.email}
        testId="email"
      />
      <TextField
        label="Password"
        type="password"
        value={form.password}
        onChange={set("password")}
        autoComplete={mode === "sign-up" ? "new-password" : "current-password"}
        error={errors.password}
        testId="password"
        first
      />
    </>
  );
}

// The page that asks for a link to set a new password.
//
// Invariant: it says the same whether or not the address has an account.
import { useMutation } from "@connectrpc/connect-query";
import { useState } from "react";
import { useHistoryState } from "wouter/use-browser-location";
import { errorText, fieldError } from "../../api/errors.ts";
import { span } from "../../base/text.ts";
import {
  AccountService,
  type RequestPasswordResetResponse,
} from "../../gen/gridloom/v1/accounts_pb.ts";
import { Link } from "../../ui/Link.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { ActionForm } from "./ActionForm.tsx";
import { SignFrame } from "./SignFrame.tsx";
import { operatorOf, useServerSettings } from "./use-server-settings.ts";

export default function ForgotPage() {
  const typed = useHistoryState<unknown>();
  const [email, setEmail] = useState(typeof typed === "string" ? typed : "");
  const asking = useMutation(AccountService.method.requestPasswordReset);
  const onSubmit = () => {
    asking.mutate({ email: email.trim() });
  };
  const atField = fieldError(asking.error, "email");
  const settings = useServerSettings();
  const about =
    settings?.sendsMail === false
      ? `A link lets you set a new one. This server sends no mail: request the link here, then ask ${operatorOf(settings)} for it.`
      : "A link lets you set a new one.";
  return (
    <SignFrame
      title="Forgotten password"
      about={about}
      foot={
        <Link className="link" to="/sign-in">
          Back to sign in
        </Link>
      }
    >
      {asking.data === undefined ? (
        <ActionForm
          action="Request a link"
          isPending={asking.isPending}
          failure={asking.error === null || atField !== undefined ? "" : errorText(asking.error)}
          onSubmit={onSubmit}
        >
          <TextField
            label="E-mail"
            type="email"
            value={email}
            onChange={setEmail}
            autoComplete="email"
            error={atField}
            testId="email"
          />
        </ActionForm>
      ) : (
        <Requested email={email.trim()} answer={asking.data} />
      )}
    </SignFrame>
  );
}

interface RequestedProps {
  email: string;
  answer: RequestPasswordResetResponse;
}

function Requested({ email, answer }: RequestedProps) {
  const { sendsMail, validSeconds } = answer;
  return (
    <div className="stack" role="status" data-testid="link-requested">
      {sendsMail ? (
        <p>
          If <b>{email}</b> has an account, a link is on its way there. Look among unwanted mail,
          too.
        </p>
      ) : (
        <p>
          This server sends no mail. If <b>{email}</b> has an account, ask {operatorOf(answer)} for
          the link.
        </p>
      )}
      <p>The link works once, within {span(validSeconds)}.</p>
    </div>
  );
}

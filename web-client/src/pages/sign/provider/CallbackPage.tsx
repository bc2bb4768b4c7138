// The page to which the OpenID provider sends the browser back: it signs in, and returns to where the person was.
//
// Invariant: the code leaves the address of the page before it is used, and is used once.
import { Code } from "@connectrpc/connect";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { fieldError, hasCode } from "../../../api/errors.ts";
import { reasonOf } from "../../../api/reasons.ts";
import { beginSession } from "../../../api/session.ts";
import { accounts } from "../../../api/transport.ts";
import { navigate } from "../../../base/router.ts";
import { Button } from "../../../ui/Button.tsx";
import { Link } from "../../../ui/Link.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { ActionForm } from "../ActionForm.tsx";
import { SignFrame } from "../SignFrame.tsx";
import { useServerSettings } from "../use-server-settings.ts";
import { errand } from "./errand.ts";
import { providerError, returnedError } from "./texts.ts";
import { useLeave } from "./use-leave.ts";
import "../../../styles/provider.css";

interface Returned {
  code: string;
  state: string;
  error: string;
}

function returnedHere(): Returned {
  const query = new URLSearchParams(location.search);
  const of = (name: string) => query.get(name) ?? "";
  return { code: of("code"), state: of("state"), error: of("error") };
}

export default function CallbackPage() {
  const [returned] = useState(returnedHere);
  const [going] = useState(errand);
  const name = useServerSettings()?.providerName || "The provider";
  const finishing = useMutation({
    mutationFn: (password: string) => {
      const { invitation, accountId } = going;
      const { code, state } = returned;
      return accounts.finishProviderSignIn({ code, state, password, invitation, accountId });
    },
    onSuccess: ({ session }) => {
      if (session !== undefined) beginSession(session);
      navigate(going.path, "replace");
    },
  });
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    navigate(location.pathname, "replace");
    if (returned.error === "") finishing.mutate("");
  }, [returned, finishing.mutate]);

  const { error } = finishing;
  const needsPassword = useNeedsPassword(error);
  if (returned.error !== "")
    return <Failed name={name}>{returnedError(returned.error, name)}</Failed>;
  if (needsPassword !== undefined)
    return <Connect {...{ name, finishing }} email={needsPassword} />;
  if (error !== null) {
    // The sign-in is not used up: the same code does.
    const passes = hasCode(error, Code.Unavailable) || hasCode(error, Code.ResourceExhausted);
    return (
      <Failed name={name} {...(passes ? { onRetry: () => finishing.mutate("") } : {})}>
        {providerError(error, name)}
      </Failed>
    );
  }
  return (
    <SignFrame title="Signing in" about={`${name} has sent you back.`} foot={null}>
      <div className="provider-wait">
        <span className="spinner" role="status" aria-label="Signing in" />
      </div>
    </SignFrame>
  );
}

/** The address whose account needs its password; it stays known after a wrong one. */
function useNeedsPassword(error: unknown): string | undefined {
  const [email, setEmail] = useState<string>();
  const reason = error === null ? undefined : reasonOf(error);
  const asked = reason?.name === "PROVIDER_PASSWORD" ? reason.facts.get("email") : undefined;
  useEffect(() => {
    if (asked !== undefined) setEmail(asked);
  }, [asked]);
  return asked ?? email;
}

interface FailedProps {
  name: string;
  /** Sends the same answer of the provider again; undefined: only a new sign-in helps. */
  onRetry?: () => void;
  children: ReactNode;
}

function Failed({ name, onRetry, children }: FailedProps) {
  const [going] = useState(errand);
  const leaving = useLeave(name, () => going, going.accountId !== "");
  return (
    <SignFrame
      title="Not signed in"
      about="Nothing was changed."
      foot={
        <Link className="link" to="/sign-in" data-testid="provider-back">
          Other ways to sign in
        </Link>
      }
    >
      <div className="stack">
        <p role="alert" data-testid="provider-failed">
          {leaving.problem || children}
        </p>
        <Button
          look="primary"
          className="wide"
          data-testid="provider-again"
          disabled={leaving.isGoing}
          onClick={onRetry ?? leaving.go}
        >
          {onRetry === undefined ? "Begin again" : "Try again"}
        </Button>
      </div>
    </SignFrame>
  );
}

interface ConnectProps {
  name: string;
  email: string;
  finishing: { mutate: (password: string) => void; isPending: boolean; error: unknown };
}

/** The form for the password of an account that was made before with the same address. */
function Connect({ name, email, finishing }: ConnectProps) {
  const [password, setPassword] = useState("");
  const [isEmpty, setEmpty] = useState(false);
  const { error } = finishing;
  const wrong = isEmpty ? "Enter the password." : fieldError(error, "password");
  const isAsked = error !== null && reasonOf(error).name === "PROVIDER_PASSWORD";
  const onSubmit = () => {
    setEmpty(password === "");
    if (password !== "") finishing.mutate(password);
  };
  return (
    <SignFrame
      title={`Connect your account with ${name}`}
      about={`${email} has an account here. Its password shows that it is yours; the next time ${name} is enough.`}
      foot={
        <Link className="link" to="/forgot-password" state={email} data-testid="forgot">
          Forgot the password, or never set one?
        </Link>
      }
    >
      <ActionForm
        action="Connect"
        isPending={finishing.isPending}
        failure={error === null || isAsked || wrong !== undefined ? "" : providerError(error, name)}
        onSubmit={onSubmit}
      >
        <input hidden readOnly autoComplete="username" value={email} />
        <TextField
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          error={wrong}
          testId="password"
        />
      </ActionForm>
    </SignFrame>
  );
}

// Signing in and signing up. The address stays what it was, so that signing in leads back to it.
import { Code } from "@connectrpc/connect";
import { type FormEvent, useState } from "react";
import { errorText, hasCode } from "../api/errors.ts";
import { beginSession } from "../api/session.ts";
import { accounts } from "../api/transport.ts";
import { navigate } from "../app/router.ts";
import { Button } from "../ui/Button.tsx";
import { Logo } from "../ui/Logo.tsx";
import { TextField } from "../ui/TextField.tsx";
import { ThemeToggle } from "../ui/ThemeToggle.tsx";

type Mode = "sign-in" | "sign-up";

/** The server's rule, told before it has to. */
const PASSWORD_LEAST = 8;

interface Form {
  name: string;
  email: string;
  password: string;
}

type Errors = { [field in keyof Form]?: string };

function check(form: Form, mode: Mode): Errors {
  const errors: Errors = {};
  if (!/^\S+@\S+$/.test(form.email)) errors.email = "Enter an e-mail address.";
  if (form.password === "") errors.password = "Enter a password.";
  else if (mode === "sign-up" && form.password.length < PASSWORD_LEAST)
    errors.password = `Use at least ${PASSWORD_LEAST} characters.`;
  return errors;
}

async function submit(form: Form, mode: Mode): Promise<void> {
  const { email, password } = form;
  const answer =
    mode === "sign-up"
      ? await accounts.signUp({ email, password, displayName: form.name })
      : await accounts.signIn({ email, password });
  if (answer.session === undefined) throw new Error("The server opened no session");
  beginSession(answer.session);
}

function failure(error: unknown, mode: Mode): string {
  if (mode === "sign-up" && hasCode(error, Code.AlreadyExists))
    return "There is an account with this address. Sign in instead.";
  if (mode === "sign-in" && hasCode(error, Code.Unauthenticated))
    return "The address or the password is wrong.";
  return errorText(error);
}

const WORDS = {
  "sign-in": { title: "Welcome back", action: "Sign in" },
  "sign-up": { title: "Create your account", action: "Create account" },
} as const;

export function SignPage({ first }: { first: Mode }) {
  const [mode, setMode] = useState(first);
  return (
    <main className="sign">
      <div className="sign-corner">
        <ThemeToggle />
      </div>
      <div className="sign-head">
        <Logo />
        <h1>{WORDS[mode].title}</h1>
      </div>
      <SignForm key={mode} mode={mode} />
      <p className="sign-foot">
        {mode === "sign-in" ? "New here? " : "Have an account? "}
        <button
          type="button"
          className="link"
          data-testid="switch-mode"
          onClick={() => setMode(mode === "sign-in" ? "sign-up" : "sign-in")}
        >
          {mode === "sign-in" ? "Create an account" : "Sign in"}
        </button>
      </p>
    </main>
  );
}

function SignForm({ mode }: { mode: Mode }) {
  const [form, setForm] = useState<Form>({ name: "", email: "", password: "" });
  const [errors, setErrors] = useState<Errors>({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (field: keyof Form) => (value: string) => setForm({ ...form, [field]: value });

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    const found = check(form, mode);
    setErrors(found);
    setProblem("");
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await submit({ ...form, name: form.name.trim(), email: form.email.trim() }, mode);
      if (location.pathname.startsWith("/sign-")) navigate("/", "replace");
    } catch (error) {
      setProblem(failure(error, mode));
      setBusy(false);
    }
  };

  return (
    <form className="sign-card stack" onSubmit={onSubmit} noValidate>
      {mode === "sign-up" ? (
        <TextField
          label="Name"
          value={form.name}
          onChange={set("name")}
          autoComplete="name"
          maxLength={100}
          hint="What others see. Optional."
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
      />
      <Button look="primary" className="wide" type="submit" disabled={busy} data-testid="submit">
        {WORDS[mode].action}
      </Button>
      <p className="form-error" role="alert" data-testid="form-error">
        {problem}
      </p>
    </form>
  );
}

// The page to sign in or to sign up. The address does not change, so that signing in returns to it.
import { type RefObject, useEffect, useRef, useState } from "react";
import { navigate } from "../../base/router.ts";
import { Logo } from "../../ui/Logo.tsx";
import { ThemeToggle } from "../../ui/ThemeToggle.tsx";
import { type Mode, SignForm } from "./SignForm.tsx";

const TEXTS = {
  "sign-in": {
    title: "Sign in to Gridloom",
    action: "Sign in",
    question: "New here? ",
    other: "Create an account",
  },
  "sign-up": {
    title: "Create your account",
    action: "Create account",
    question: "Have an account? ",
    other: "Sign in",
  },
} as const;

/** Focuses the first empty field, except on touch screens, whose keyboard would cover half of the page. */
function useFirstField(card: RefObject<HTMLElement | null>, mode: Mode): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another form has other fields
  useEffect(() => {
    if (matchMedia("(pointer: coarse)").matches) return;
    const fields = [...(card.current?.querySelectorAll("input") ?? [])];
    fields.find(({ value }) => value === "")?.focus();
  }, [card, mode]);
}

export function SignPage({ first }: { first: Mode }) {
  const [mode, setMode] = useState(first);
  // The address stays when the person switches to the other form.
  const [email, setEmail] = useState("");
  const { title, action, question, other } = TEXTS[mode];
  const card = useRef<HTMLDivElement>(null);
  useFirstField(card, mode);
  const onDone = () => {
    if (location.pathname.startsWith("/sign-")) navigate("/", "replace");
  };
  return (
    <main className="sign">
      <div className="sign-corner">
        <ThemeToggle />
      </div>
      <div className="sign-head">
        <Logo />
        <h1>{title}</h1>
        <p className="sign-about">Data grids that many people edit at the same time.</p>
      </div>
      <div className="sign-card" ref={card}>
        <SignForm key={mode} {...{ mode, action, email, onDone }} onEmail={setEmail} />
      </div>
      <p className="sign-foot">
        {question}
        <button
          type="button"
          className="link"
          data-testid="switch-mode"
          onClick={() => setMode(mode === "sign-in" ? "sign-up" : "sign-in")}
        >
          {other}
        </button>
      </p>
    </main>
  );
}

// A page with one message in the middle, and buttons for what the person can do.
import type { ReactNode } from "react";
import { isGuest, session } from "../../api/session.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { Button } from "../../ui/Button.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { Main } from "../../ui/panes/Main.tsx";
import { useTitle } from "../../ui/panes/pane.ts";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { signOut } from "./sign-out.ts";

/** At the end of an address: the page without an account begins with signing up. */
export const SIGN_UP = "?sign-up";

interface StatePageProps {
  title: string;
  text: string;
  testId: string;
  /** Buttons before the one that leads back to the sheets. */
  actions?: ReactNode;
  /** Shows which account is signed in, and offers to change it. */
  account?: boolean;
}

export function StatePage({ title, text, testId, actions, account = false }: StatePageProps) {
  useTitle(`${title} · Gridloom`);
  return (
    <Main className="sign" data-testid={testId}>
      <div className="sign-corner">
        <ThemeToggle />
      </div>
      <div className="sign-head">
        <Logo />
        <h1>{title}</h1>
        <p className="state-text" role="alert">
          {text}
        </p>
        <div className="state-actions">
          {actions}
          <Button look={actions === undefined ? "primary" : "plain"} onClick={() => navigate("/")}>
            Back to sheets
          </Button>
        </div>
        {account ? <Account /> : null}
      </div>
    </Main>
  );
}

function Account() {
  const user = useStore(session);
  if (user === null) return null;
  return (
    <div className="sign-foot">
      <p>
        Signed in as <b data-testid="state-account">{user.displayName}</b> (
        {isGuest(user) ? "a guest" : user.email}).{" "}
        <button
          type="button"
          className="link"
          data-testid="sign-in-other"
          onClick={() => void signOut()}
        >
          Sign in as someone else
        </button>
      </p>
    </div>
  );
}

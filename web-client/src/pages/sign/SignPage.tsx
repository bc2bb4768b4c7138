// The page to sign in or to sign up. The address does not change, so that signing in returns to it.
import { type ReactNode, useState } from "react";
import { navigate } from "../../base/router.ts";
import { Link } from "../../ui/Link.tsx";
import { Part } from "../../ui/Part.tsx";
import { continueWith } from "./continue-with.ts";
import { type Mode, SignForm } from "./SignForm.tsx";
import { SignFrame } from "./SignFrame.tsx";
import { InvitedOnly, needsInvitation } from "./SignUpRule.tsx";
import { useServerSettings } from "./use-server-settings.ts";

const ABOUT = "Data grids that many people edit at the same time.";
const INVITED = "You are invited. Use the e-mail address that the invitation was sent to.";
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

interface SignPageProps {
  first: Mode;
  /** The line below the title. */
  about?: string;
  /** Another way to enter. */
  also?: ReactNode;
}

/** The token of an invitation, which follows the `#` of the address. A further navigation drops it from there. */
function invitationHere(): string {
  const token = location.hash.slice(1);
  return token.startsWith("gli_") ? token : "";
}

function onDone(): void {
  if (location.pathname.startsWith("/sign-")) navigate("/", "replace");
}

export default function SignPage({ first, about = ABOUT, also }: SignPageProps) {
  const [mode, setMode] = useState(first);
  const [invitation, setInvitation] = useState(invitationHere);
  // The address stays when the person switches to the other form.
  const [email, setEmail] = useState("");
  const settings = useServerSettings();
  const { title, action, question, other } = TEXTS[mode];
  const isClosed = invitation === "" && needsInvitation(settings);
  const withoutInvitation = needsInvitation(settings) ? undefined : () => setInvitation("");
  const foot = (
    <>
      <p>
        {question}
        {isClosed && mode === "sign-in" ? "This server takes new accounts by invitation. " : ""}
        <button
          type="button"
          className="link"
          data-testid="switch-mode"
          onClick={() => setMode(mode === "sign-in" ? "sign-up" : "sign-in")}
        >
          {isClosed && mode === "sign-in" ? "How to get one" : other}
        </button>
      </p>
      <p>
        <Link className="link" to="/forgot-password" state={email} data-testid="forgot">
          Forgot your password?
        </Link>
      </p>
      {also}
    </>
  );
  return (
    <SignFrame key={mode} title={title} about={invitation === "" ? about : INVITED} foot={foot}>
      {isClosed && mode === "sign-up" ? (
        <InvitedOnly settings={settings} />
      ) : (
        <SignForm
          {...{ mode, action, email, invitation, withoutInvitation, onDone }}
          onEmail={setEmail}
        />
      )}
      {isClosed && mode === "sign-up" ? null : (
        <Part part={continueWith} given={{ invitation }} frame={() => null} />
      )}
    </SignFrame>
  );
}

// The page of a link that confirms the address of a new account.
//
// Invariant: only the person who knows the account's password confirms it.
import { accounts } from "../../api/transport.ts";
import { Link } from "../../ui/Link.tsx";
import { MailedLinkPage } from "./MailedLinkPage.tsx";

export default function ConfirmPage() {
  return (
    <MailedLinkPage
      title="Confirm your e-mail address"
      about="Enter the password of your new account: if you have signed up several times, that of the first time."
      action="Confirm the address"
      field={{
        label: "Password",
        name: "password",
        autoComplete: "current-password",
        check: (password) => (password === "" ? "Enter the password." : undefined),
      }}
      use={(token, password) => accounts.confirmEmail({ token, password })}
      done={{ title: "Your address is confirmed", testId: "confirmed" }}
      foot={
        <>
          <p>
            Not your account, or a forgotten password?{" "}
            <Link className="link" to="/forgot-password" data-testid="forgot">
              Set your own password
            </Link>
          </p>
          <Link className="link" to="/sign-in">
            Back to sign in
          </Link>
        </>
      }
    />
  );
}

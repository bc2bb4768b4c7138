// The page of a link that sets a new password.
import { accounts } from "../../api/transport.ts";
import { Link } from "../../ui/Link.tsx";
import { checkPassword } from "./check-password.ts";
import { MailedLinkPage } from "./MailedLinkPage.tsx";

export default function ResetPage() {
  return (
    <MailedLinkPage
      title="Set a new password"
      about="It ends all sessions of your account, on every device."
      action="Set the password"
      field={{
        label: "New password",
        name: "new_password",
        autoComplete: "new-password",
        check: checkPassword,
      }}
      use={(token, newPassword) => accounts.resetPassword({ token, newPassword })}
      done={{ title: "Your new password is set", testId: "password-set" }}
      foot={
        <Link className="link" to="/forgot-password" data-testid="forgot">
          Request another link
        </Link>
      }
    />
  );
}

// The password of the account; an account that signs in with a provider may have none yet.
import { useQuery } from "@connectrpc/connect-query";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";
import { Link } from "../../ui/Link.tsx";
import { PasswordForm } from "./PasswordForm.tsx";

export function Password({ email }: { email: string }) {
  const { data } = useQuery(AccountService.method.whoAmI, {});
  const { data: settings } = useQuery(AccountService.method.getServerSettings, {});
  if (data === undefined || data.hasPassword) return <PasswordForm email={email} />;
  return (
    <section className="account-part" aria-labelledby="account-password" data-testid="no-password">
      <h2 id="account-password">Password</h2>
      <p className="account-about">
        Your account has no password: you sign in with {settings?.providerName || "a provider"}.{" "}
        <Link className="link" to="/forgot-password" state={email}>
          Set a password
        </Link>
      </p>
    </section>
  );
}

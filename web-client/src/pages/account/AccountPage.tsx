// The page of the own account: its name, its colour, its language, its password, its sessions on all devices, and its end.
import { useEffect } from "react";
import { isGuest, session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { Link } from "../../ui/Link.tsx";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { AccountFrame } from "./AccountFrame.tsx";
import { ColorForm } from "./ColorForm.tsx";
import { DeleteAccount } from "./DeleteAccount.tsx";
import { LocaleForm } from "./LocaleForm.tsx";
import { NameForm } from "./NameForm.tsx";
import { Password } from "./Password.tsx";
import { Sessions } from "./Sessions.tsx";
import "../../styles/account.css";

export default function AccountPage() {
  const user = useStore(session);
  useEffect(() => {
    document.title = "Your account · Gridloom";
  }, []);
  if (user === null) return null;
  return (
    <AccountFrame menu={<AccountMenu />}>
      <div className="account" data-testid="account-page">
        <div className="account-head">
          <h1>Your account</h1>
          <p className="account-email">{isGuest(user) ? "A guest" : user.email}</p>
        </div>
        <NameForm user={user} />
        <ColorForm user={user} />
        <LocaleForm user={user} />
        {isGuest(user) ? <Guest /> : <Password email={user.email} />}
        <Sessions />
        <DeleteAccount user={user} />
      </div>
    </AccountFrame>
  );
}

function Guest() {
  return (
    <section className="account-part" aria-labelledby="account-guest">
      <h2 id="account-guest">Password</h2>
      <p>
        A guest has no password, and can't sign in again. Sign up by the menu at the top to keep
        your sheets.{" "}
        <Link className="link" to="/">
          Back to sheets
        </Link>
      </p>
    </section>
  );
}

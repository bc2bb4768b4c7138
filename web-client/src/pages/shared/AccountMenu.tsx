// The menu of the account that is signed in, with the sign-out.
import { endSession, isGuest, type Session, session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { linkPath, navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { MenuButton } from "../../ui/Menu.tsx";
import { SIGN_UP } from "./StatePage.tsx";

function signOut(): void {
  // The page signs out whatever the server answers; a token that the server keeps will expire.
  const sent = accounts.signOut({}).catch(() => undefined);
  void sent.then(endSession);
}

/** A guest signs up at its link, which gives the new account the same role. */
function signUp({ link }: Session): void {
  navigate(link === undefined ? "/sign-up" : `${linkPath(link)}${SIGN_UP}`);
  endSession();
}

export function AccountMenu() {
  const user = useStore(session);
  if (user === null) return null;
  const called = isGuest(user) ? `${user.displayName} (guest)` : user.email;
  const signsUp = { label: "Sign up…", testId: "guest-sign-up", run: () => signUp(user) };
  const signsOut = { label: "Sign out", testId: "sign-out", run: signOut };
  return (
    <MenuButton
      label="Account"
      groups={[
        [{ label: called, testId: "account-name", disabled: true, run: () => undefined }],
        isGuest(user) ? [signsUp, signsOut] : [signsOut],
      ]}
      button={
        <button
          type="button"
          className="icon-button"
          aria-label={`Account: ${user.displayName}`}
          title={`${user.displayName} · ${isGuest(user) ? "guest" : user.email}`}
          data-testid="account"
        >
          <Avatar name={user.displayName} />
        </button>
      }
    />
  );
}

// The menu of the account that is signed in, with the sign-out.
import { endSession, session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { useStore } from "../../base/store.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { MenuButton } from "../../ui/Menu.tsx";

function signOut(): void {
  // The page signs out whatever the server answers; a token that the server keeps will expire.
  const sent = accounts.signOut({}).catch(() => undefined);
  void sent.then(endSession);
}

export function AccountMenu() {
  const user = useStore(session);
  if (user === null) return null;
  return (
    <MenuButton
      label="Account"
      groups={[
        [{ label: user.email, disabled: true, run: () => undefined }],
        [{ label: "Sign out", testId: "sign-out", run: signOut }],
      ]}
      button={
        <button
          type="button"
          className="icon-button"
          aria-label={`Account: ${user.displayName}`}
          title={`${user.displayName} · ${user.email}`}
          data-testid="account"
        >
          <Avatar name={user.displayName} />
        </button>
      }
    />
  );
}

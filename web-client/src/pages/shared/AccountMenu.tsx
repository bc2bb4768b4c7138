// The menu of the account that is signed in, with the sign-out.
import { useState } from "react";
import { endSession, session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { useStore } from "../../base/store.ts";
import { initials } from "../../base/text.ts";
import { Menu } from "../../ui/Menu.tsx";

function signOut(): void {
  // The page signs out whatever the server answers; a token that the server keeps will expire.
  const sent = accounts.signOut({}).catch(() => undefined);
  void sent.then(endSession);
}

export function AccountMenu() {
  const [menu, setMenu] = useState<{ x: number; y: number }>();
  const user = useStore(session);
  if (user === null) return null;
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={`Account: ${user.displayName}`}
        title={`${user.displayName} · ${user.email}`}
        data-testid="account"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenu({ x: box.right - 228, y: box.bottom + 4 });
        }}
      >
        <span className="avatar">{initials(user.displayName)}</span>
      </button>
      {menu === undefined ? null : (
        <Menu
          at={menu}
          label="Account"
          groups={[
            [{ label: user.email, disabled: true, run: () => undefined }],
            [{ label: "Sign out", testId: "sign-out", run: signOut }],
          ]}
          onClose={() => setMenu(undefined)}
        />
      )}
    </>
  );
}

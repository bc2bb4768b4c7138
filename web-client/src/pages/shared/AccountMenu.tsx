// Who is signed in, and the way out.
import { useState } from "react";
import { endSession, session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { useStore } from "../../base/store.ts";
import { initials } from "../../base/text.ts";
import { Menu } from "../../ui/Menu.tsx";

function signOut(): void {
  // Signed out here whatever the server answers; the token ends by itself if it never hears of it.
  const told = accounts.signOut({}).catch(() => undefined);
  void told.then(endSession);
}

export function AccountMenu() {
  const [menu, setMenu] = useState<{ x: number; y: number }>();
  const who = useStore(session);
  if (who === null) return null;
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={`Account: ${who.displayName}`}
        title={`${who.displayName} · ${who.email}`}
        data-testid="account"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenu({ x: box.right - 228, y: box.bottom + 4 });
        }}
      >
        <span className="avatar">{initials(who.displayName)}</span>
      </button>
      {menu === undefined ? null : (
        <Menu
          at={menu}
          label="Account"
          groups={[
            [{ label: who.email, disabled: true, run: () => undefined }],
            [{ label: "Sign out", testId: "sign-out", run: signOut }],
          ]}
          onClose={() => setMenu(undefined)}
        />
      )}
    </>
  );
}

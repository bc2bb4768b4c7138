// The page of a sheet without its parts, while they load or when they can't be loaded: the way back to
// the list is there all the time.
import type { ReactNode } from "react";
import { navigate } from "../../base/router.ts";
import { IconButton } from "../../ui/Button.tsx";

export function EmptySheet({ children }: { children: ReactNode }) {
  return (
    <div className="sheet-page">
      <header className="bar">
        <IconButton
          icon="arrowLeft"
          label="All sheets"
          data-testid="back"
          onClick={() => navigate("/")}
        />
      </header>
      <main className="grid-area">
        <div className="cover">{children}</div>
      </main>
      <footer className="foot" />
    </div>
  );
}

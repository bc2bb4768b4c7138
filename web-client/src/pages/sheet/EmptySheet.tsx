// The frame of a sheet's page, while its parts load or when they can't be loaded. The button back to the list
// is always there.
import type { ReactNode } from "react";
import { navigate } from "../../base/router.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Main } from "../../ui/panes/Main.tsx";

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
      <Main className="grid-area">
        <div className="cover">{children}</div>
      </Main>
      <footer className="foot" />
    </div>
  );
}

// The frame of the page of an account: the bar, and the column below it.
import type { ReactNode } from "react";
import { navigate } from "../../base/router.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";

interface FrameProps {
  menu: ReactNode;
  children: ReactNode;
}

export function AccountFrame({ menu, children }: FrameProps) {
  return (
    <div className="list-page">
      <header className="bar">
        <IconButton
          icon="arrowLeft"
          label="All sheets"
          data-testid="back"
          onClick={() => navigate("/")}
        />
        <Logo />
        <span className="space" />
        <ThemeToggle />
        {menu}
      </header>
      <main className="list-main">{children}</main>
    </div>
  );
}

// The frame of the pages around signing in: the logo, a title, and a card with a form.
import { type ReactNode, useEffect, useRef } from "react";
import { Logo } from "../../ui/Logo.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";

interface SignFrameProps {
  title: string;
  about: string;
  children: ReactNode;
  /** Below the card. */
  foot: ReactNode;
}

export function SignFrame({ title, about, children, foot }: SignFrameProps) {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${title} · Gridloom`;
    // Not on touch screens, whose keyboard would cover half of the page.
    if (matchMedia("(pointer: coarse)").matches) return;
    const fields = [...(card.current?.querySelectorAll("input") ?? [])];
    fields.find(({ value }) => value === "")?.focus();
  }, [title]);
  return (
    <main className="sign">
      <div className="sign-corner">
        <ThemeToggle />
      </div>
      <div className="sign-head">
        <Logo />
        <h1>{title}</h1>
        <p className="sign-about">{about}</p>
      </div>
      <div className="sign-card" ref={card}>
        {children}
      </div>
      <div className="sign-foot">{foot}</div>
    </main>
  );
}

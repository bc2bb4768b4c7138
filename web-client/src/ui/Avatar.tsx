// A person as a round badge with initials. The name stands beside it, or is the label of its button.
import type { CSSProperties } from "react";
import { colorOf } from "../base/person-color.ts";
import { initials } from "../base/text.ts";

interface AvatarProps {
  name: string;
  /** The person's colour; without it and the account, the badge has none. */
  color?: string | undefined;
  /** The person's account, in place of the colour; empty: it is deleted, or there is none. */
  account?: string | undefined;
}

function ofAccount(account: string): string | undefined {
  return account === "" ? undefined : colorOf(account);
}

export function Avatar({ name, account = "", color = ofAccount(account) }: AvatarProps) {
  const style = color === undefined ? {} : ({ "--person": color } as CSSProperties);
  return (
    <span
      className={color === undefined ? "avatar" : "avatar coloured"}
      style={style}
      // Drawn by the stylesheet: the name of a button around it is not the initials.
      data-initials={initials(name)}
      aria-hidden="true"
    />
  );
}

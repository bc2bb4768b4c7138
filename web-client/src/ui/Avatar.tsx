// A person as a round badge with initials. The name stands beside it, or is the label of its button.
import type { CSSProperties } from "react";
import { colorOf } from "../base/person-color.ts";
import { initials } from "../base/text.ts";

interface AvatarProps {
  name: string;
  /** The person's colour; without it and the account, the badge is that of the own account. */
  color?: string | undefined;
  /** The person's account, in place of the colour. */
  account?: string | undefined;
}

export function Avatar({ name, account, color = account && colorOf(account) }: AvatarProps) {
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

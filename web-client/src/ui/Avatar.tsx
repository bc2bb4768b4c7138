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
  /** The number of the account's colour, where the server has sent it with the person. */
  sent?: number | undefined;
}

function ofAccount(account: string, sent: number): string | undefined {
  return account === "" ? undefined : colorOf(account, sent);
}

export function Avatar({
  name,
  account = "",
  sent = 0,
  color = ofAccount(account, sent),
}: AvatarProps) {
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

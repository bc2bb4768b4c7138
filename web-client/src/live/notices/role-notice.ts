// The notice for a role that has changed while the sheet is open.
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Notice } from "./notice.ts";

const TEXTS: Readonly<Partial<Record<Role, string>>> = {
  [Role.VIEWER]: "You are a viewer of this sheet now: you can read it, but not change it.",
  [Role.COMMENTER]: "You are a commenter of this sheet now: you can read it, but not change it.",
  [Role.EDITOR]: "You are an editor of this sheet now: you can change it.",
  [Role.OWNER]: "You are the owner of this sheet now.",
};

/** Undefined while the role is the same, and for the first one. */
export function roleNotice(before: Role, now: Role): Notice | undefined {
  const text = before === now || before === Role.UNSPECIFIED ? undefined : TEXTS[now];
  return text === undefined ? undefined : { look: "info", text };
}

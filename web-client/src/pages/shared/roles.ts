// The roles on sheets in words.
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";

/** The roles that the owner gives, from the least on. */
export const GIVEN_ROLES = [Role.VIEWER, Role.COMMENTER, Role.EDITOR] as const;

export interface RoleOption {
  /** The number of the role, because the values of a choice are texts. */
  value: string;
  label: string;
  about: string;
}

const WORDS: Readonly<Partial<Record<Role, Omit<RoleOption, "value">>>> = {
  [Role.VIEWER]: { label: "Viewer", about: "Can read the sheet" },
  [Role.COMMENTER]: { label: "Commenter", about: "Can read the sheet and comment on it" },
  [Role.EDITOR]: { label: "Editor", about: "Can change cells, rows, columns and the name" },
  [Role.OWNER]: { label: "Owner", about: "Can also share the sheet and delete it" },
};

export function roleName(role: Role): string {
  return WORDS[role]?.label ?? "No role";
}

function option(role: Role): RoleOption {
  return { value: String(role), label: roleName(role), about: WORDS[role]?.about ?? "" };
}

export const ROLE_OPTIONS: readonly RoleOption[] = GIVEN_ROLES.map(option);

/** The choice that gives the sheet to another person. */
export const OWNER_OPTION: RoleOption = {
  ...option(Role.OWNER),
  about: "Gives the sheet to this person",
};

/** The role of a choice. */
export function roleOf({ value }: { value: string }): Role {
  return Number(value) as Role;
}

/** Whether a role allows to write in the chat of a sheet and to comment on its cells. */
export function mayComment(role: Role): boolean {
  return role === Role.COMMENTER || mayEdit(role);
}

/** Whether a role allows to change a sheet. */
export function mayEdit(role: Role): boolean {
  return role === Role.EDITOR || role === Role.OWNER;
}

/** True for a role that is known and does not allow to change a sheet. */
export function isReadOnly(role: Role): boolean {
  return role !== Role.UNSPECIFIED && !mayEdit(role);
}

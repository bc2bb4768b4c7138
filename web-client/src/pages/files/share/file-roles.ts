// The roles on files in words, and what each allows.
import { type File, FileScope } from "../../../gen/gridloom/v1/files_pb.ts";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import type { RoleOption } from "../../shared/roles.ts";

/** The roles that the owner of a file gives. */
export const FILE_ROLES: readonly RoleOption[] = [
  {
    value: String(Role.VIEWER),
    label: "Viewer",
    about: "Can look at it, download it, and make files and sheets of it",
  },
  {
    value: String(Role.EDITOR),
    label: "Editor",
    about: "Can also rename it and read it again",
  },
];

/** What it means to leave a file. */
export const LEAVING = "You can no longer open the file until its owner shares it with you again.";

type Owned = Pick<File, "role">;

/** A server without roles has the caller's own files alone. */
export function ownsFile({ role }: Owned): boolean {
  return role === Role.OWNER || role === Role.UNSPECIFIED;
}

export function mayEditFile(file: Owned): boolean {
  return ownsFile(file) || file.role === Role.EDITOR;
}

export type Scope = "all" | "own" | "shared";

export const SCOPES: readonly { scope: Scope; label: string; value: FileScope }[] = [
  { scope: "all", label: "All", value: FileScope.ALL },
  { scope: "own", label: "Mine", value: FileScope.OWN },
  { scope: "shared", label: "Shared with me", value: FileScope.SHARED },
];

export function scopeValue(scope: Scope): FileScope {
  return SCOPES.find((one) => one.scope === scope)?.value ?? FileScope.ALL;
}

// Whose a file is, and with whom it is shared, as a short text.
import { plural } from "../../../base/text.ts";
import type { File } from "../../../gen/gridloom/v1/files_pb.ts";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import { ownsFile } from "./file-roles.ts";

type Shared = Pick<File, "role" | "ownerName" | "sharedWith">;

/** Undefined for an own file that is not shared. */
export function sharingText({ role, ownerName, sharedWith }: Shared): string | undefined {
  if (!ownsFile({ role }))
    return `${ownerName === "" ? "Another person" : ownerName} · ${role === Role.EDITOR ? "Editor" : "Viewer"}`;
  if (sharedWith === 0) return undefined;
  return `Shared with ${plural(sharedWith, "person")}`;
}

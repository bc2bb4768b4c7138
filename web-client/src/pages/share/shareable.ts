// What a person shares, a sheet or a file, as the dialogs of both know it. Types alone.
import type { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { Share, ShareResponse } from "../../gen/gridloom/v1/sharing_pb.ts";
import type { RoleOption } from "../shared/roles.ts";

export type Given = Pick<ShareResponse, "share" | "invites">;

/** A person whose role ends: that of its address, or those that links gave to it. */
export type Whom = { email: string } | { accountId: string };

export interface Shareable {
  name: string;
  noun: "sheet" | "file";
  /** The roles that the owner gives. */
  roles: readonly RoleOption[];
  /** The persons with a role, as last read. */
  shares: readonly Share[];
  /** Whether the person at this page is the owner. */
  isOwner: boolean;
  share: (email: string, role: Role) => Promise<Given>;
  unshare: (whom: Whom) => Promise<unknown>;
  /** Makes another person the owner; undefined: it stays the same. */
  transfer: ((email: string) => Promise<unknown>) | undefined;
  /** Loads the persons again. */
  reload: () => Promise<unknown>;
  /** An error of a call as a sentence. */
  problem: (error: unknown) => string;
}

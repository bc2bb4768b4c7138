// The roles on a file, and the changes of them.
import { createConnectQueryKey, useMutation, useQuery } from "@connectrpc/connect-query";
import { files } from "../../../api/files.ts";
import { queries } from "../../../api/queries.ts";
import {
  type File,
  FileService,
  type ListFileSharesResponse,
} from "../../../gen/gridloom/v1/files_pb.ts";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import type { Shareable } from "../../share/shareable.ts";
import { fileProblem } from "../problems/file-problem.ts";
import { FILE_ROLES } from "./file-roles.ts";

const { leaveFile, listFileShares } = FileService.method;
const SHARES = createConnectQueryKey({ schema: listFileShares, cardinality: "finite" });

export function useFileShares(fileId: string) {
  return useQuery(listFileShares, { fileId });
}

export function useLeaveFile() {
  return useMutation(leaveFile);
}

/** A file as the dialog shares it. `onChanged`: the lists show with how many persons it is shared. */
export function fileShareable(
  { id: fileId, name }: Pick<File, "id" | "name">,
  { shares, role }: ListFileSharesResponse,
  onChanged: () => void,
): Shareable {
  return {
    name,
    noun: "file",
    roles: FILE_ROLES,
    shares,
    isOwner: role === Role.OWNER,
    share: (email, role) => files.shareFile({ fileId, email, role }),
    // A file has no links, so each role is one of an address.
    unshare: (whom) => files.unshareFile({ fileId, email: "email" in whom ? whom.email : "" }),
    transfer: undefined,
    reload: () => {
      onChanged();
      return queries.invalidateQueries({ queryKey: SHARES });
    },
    problem: fileProblem,
  };
}

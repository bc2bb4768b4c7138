// The roles and links of a sheet, and the changes of them.
import { createConnectQueryKey, useMutation, useQuery } from "@connectrpc/connect-query";
import { sharing } from "../../api/clients/sharing.ts";
import { errorText } from "../../api/errors.ts";
import { queries } from "../../api/queries.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import {
  type CreateLinkResponse,
  type ListSharesResponse,
  SharingService,
} from "../../gen/gridloom/v1/sharing_pb.ts";
import { ROLE_OPTIONS } from "../shared/roles.ts";
import { reloadLists } from "../shared/sheet-lists.ts";
import { keepToken } from "./made-links.ts";
import type { Shareable } from "./shareable.ts";

const { createLink, deleteLink, leaveSheet, listShares } = SharingService.method;
const SHARES = createConnectQueryKey({ schema: listShares, cardinality: "finite" });

/** Loads the roles again. A change is pending until then, so that no old value shows in between. */
export function reloadShares(): Promise<void> {
  return queries.invalidateQueries({ queryKey: SHARES });
}

const SETTLED = { onSettled: reloadShares };

export function useShares(sheetId: string) {
  return useQuery(listShares, { sheetId });
}

export function useCreateLink() {
  const onSuccess = ({ link }: CreateLinkResponse) => {
    if (link !== undefined) keepToken(link);
  };
  return useMutation(createLink, { ...SETTLED, onSuccess });
}

export function useDeleteLink() {
  return useMutation(deleteLink, SETTLED);
}

/** A sheet as the dialog shares it. */
export function sheetShareable(
  sheetId: string,
  name: string,
  { shares, role }: ListSharesResponse,
): Shareable {
  return {
    name,
    noun: "sheet",
    roles: ROLE_OPTIONS,
    shares,
    isOwner: role === Role.OWNER,
    share: (email, role) => sharing.share({ sheetId, email, role }),
    unshare: (whom) => sharing.unshare({ sheetId, ...whom }),
    transfer: (email) => sharing.transferSheet({ sheetId, email }).finally(reloadLists),
    reload: reloadShares,
    problem: errorText,
  };
}

export function useLeave() {
  return useMutation(leaveSheet, { onSettled: reloadLists });
}

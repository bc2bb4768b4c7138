// The roles and links of a sheet, and the changes of them.
import { createConnectQueryKey, useMutation, useQuery } from "@connectrpc/connect-query";
import { queries } from "../../api/queries.ts";
import { type CreateLinkResponse, SharingService } from "../../gen/gridloom/v1/sharing_pb.ts";
import { reloadLists } from "../shared/sheet-lists.ts";
import { keepToken } from "./made-links.ts";

const { createLink, deleteLink, leaveSheet, listShares, share, transferSheet, unshare } =
  SharingService.method;
const SHARES = createConnectQueryKey({ schema: listShares, cardinality: "finite" });

/** Loads the roles again. A change is pending until then, so that no old value shows in between. */
export function reloadShares(): Promise<void> {
  return queries.invalidateQueries({ queryKey: SHARES });
}

const SETTLED = { onSettled: reloadShares };

export function useShares(sheetId: string) {
  return useQuery(listShares, { sheetId });
}

export function useShare() {
  return useMutation(share, SETTLED);
}

export function useUnshare() {
  return useMutation(unshare, SETTLED);
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

/** Gives the sheet to another person: the list of sheets shows another owner. */
export function useTransfer() {
  return useMutation(transferSheet, {
    onSettled: () => {
      reloadLists();
      return reloadShares();
    },
  });
}

export function useLeave() {
  return useMutation(leaveSheet, { onSettled: reloadLists });
}

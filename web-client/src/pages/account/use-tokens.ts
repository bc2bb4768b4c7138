// The sessions of the own account: one for each valid token.
import { createConnectQueryKey, useMutation, useQuery } from "@connectrpc/connect-query";
import { queries } from "../../api/queries.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";

const { listTokens, revokeToken } = AccountService.method;
const TOKENS = createConnectQueryKey({ schema: listTokens, cardinality: "finite" });

/** Loads the sessions again. */
export function reloadTokens(): Promise<void> {
  return queries.invalidateQueries({ queryKey: TOKENS });
}

export function useTokens() {
  return useQuery(listTokens);
}

/** Ends a session. Also after an error the list loads again: the session may have ended in the meantime. */
export function useRevoke() {
  return useMutation(revokeToken, { onSettled: reloadTokens });
}

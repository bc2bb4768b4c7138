// What the server allows to persons without an account. It stays the same until the server is started again.
import { useQuery } from "@connectrpc/connect-query";
import {
  AccountService,
  type GetServerSettingsResponse,
} from "../../gen/gridloom/v1/accounts_pb.ts";

const ONCE = { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false };

/** Undefined until the server has answered: a page shows what is most common meanwhile. */
export type ServerSettings = GetServerSettingsResponse | undefined;

export function useServerSettings(): ServerSettings {
  return useQuery(AccountService.method.getServerSettings, {}, ONCE).data;
}

/** The operator of the server, and how it is reached where that is known. */
export function operatorOf(settings: { operatorContact: string } | undefined): string {
  const contact = settings?.operatorContact ?? "";
  return contact === "" ? "its operator" : `its operator (${contact})`;
}

// The cached lists of sheets, which several pages change.
import { createConnectQueryKey } from "@connectrpc/connect-query";
import type { InfiniteData } from "@tanstack/react-query";
import { queries } from "../../api/queries.ts";
import {
  type ListSheetsResponse,
  type Sheet,
  SheetService,
} from "../../gen/gridloom/v1/sheets_pb.ts";

const { listSheets } = SheetService.method;
const LISTS = createConnectQueryKey({ schema: listSheets, cardinality: "infinite" });

type Pages = InfiniteData<ListSheetsResponse>;

/** Loads all lists again, also those that no page shows now. */
export function reloadLists(): void {
  void queries.invalidateQueries({ queryKey: LISTS, refetchType: "all" });
}

/** Shows a change in all lists before the server has confirmed it. */
export function changeLists(change: (sheets: readonly Sheet[]) => Sheet[]): void {
  // An answer that is on its way does not know the change yet.
  void queries.cancelQueries({ queryKey: LISTS });
  const changed = (page: ListSheetsResponse) => ({ ...page, sheets: change(page.sheets) });
  queries.setQueriesData<Pages>(
    { queryKey: LISTS },
    (old) => old && { ...old, pages: old.pages.map(changed) },
  );
}

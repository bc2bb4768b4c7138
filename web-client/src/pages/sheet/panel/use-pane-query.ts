// The query of the address, for the first of several sheets; the others have one each, which stands in no address.
import { useSearch } from "wouter";
import { sheetPath } from "../../../base/router.ts";
import { type Store, useStore } from "../../../base/store.ts";
import { usePane } from "../../../ui/panes/pane.ts";

interface PaneQuery {
  search: string;
  /** Whether the sheet stands beside the first one. */
  isBeside: boolean;
  /** The query of a sheet beside the first one. */
  query: Store<string>;
  /** What the query is at this moment. */
  read: () => string;
}

function readAddress(): string {
  return location.search;
}

export function usePaneQuery(): PaneQuery {
  const { key, query } = usePane();
  const search = useSearch();
  const own = useStore(query);
  const isBeside = key !== "" && sheetPath(key) !== location.pathname;
  return {
    search: isBeside ? own : search,
    isBeside,
    query,
    read: isBeside ? query.get : readAddress,
  };
}

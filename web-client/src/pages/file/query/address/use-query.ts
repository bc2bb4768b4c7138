// The query of a table as the address of the page has it.
//
// Invariant: the address is the one place of it, so that a reload and the keys Back and Forward show the rows of then. It is
// read as it is: the hook of the same name in `wouter` decodes the whole, and a value with & or + would be another one.
import { useCallback, useMemo } from "react";
import { useSearch } from "wouter/use-browser-location";
import { navigate } from "../../../../base/router.ts";
import type { Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { showToast } from "../../../../ui/toasts.ts";
import { NO_QUERY, type Query } from "../query.ts";
import { readQuery, readTable, searchOf, tooLong } from "./address.ts";

export interface Asked {
  query: Query;
  /** Asks for other rows; whether they can be: a query that is too long stays as it was, with a message. */
  ask: (query: Query) => boolean;
}

export function useTableQuery({ number, columns }: Table): Asked {
  const search = useSearch();
  const query = useMemo(() => {
    // The query of one table means nothing for another one.
    return readTable(search) === number ? readQuery(search, columns.length) : NO_QUERY;
  }, [search, number, columns]);
  const ask = useCallback(
    (next: Query) => {
      const problem = tooLong(next);
      if (problem === undefined) navigate(location.pathname + searchOf(number, next));
      else showToast("error", problem);
      return problem === undefined;
    },
    [number],
  );
  return { query, ask };
}

/** The number of the shown table, and what shows another one: it has no query. */
export function useTableNumber(): [number, (table: number) => void] {
  const table = readTable(useSearch());
  const choose = useCallback(
    (next: number) => navigate(location.pathname + searchOf(next, NO_QUERY)),
    [],
  );
  return [table, choose];
}

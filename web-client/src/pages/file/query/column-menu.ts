// The menu of a column of a table: how the rows are sorted and filtered by it, and what its values are.
import type { MenuGroups, MenuItem } from "../../../ui/Menu.tsx";
import { type Columns, kindOf } from "./chips/chip-text.ts";
import { alsoBy, CONDITIONS_MOST, LEVELS_MOST, type Query, sortedBy, unsorted } from "./query.ts";
import { direction } from "./words.ts";

export interface ColumnActions {
  ask: (query: Query) => void;
  filter: () => void;
  summarize: () => void;
}

export function columnMenu(
  columns: Columns,
  col: number,
  query: Query,
  actions: ColumnActions,
): MenuGroups {
  const { conditions } = query;
  return [
    sortItems(columns, col, query, actions.ask),
    alsoItems(columns, col, query, actions.ask),
    [
      {
        label: "Filter…",
        testId: "menu-filter",
        disabled: conditions.length >= CONDITIONS_MOST,
        run: actions.filter,
      },
      { label: "Values and distribution…", testId: "menu-values", run: actions.summarize },
    ],
  ].filter((group) => group.length > 0);
}

/** Both directions; the checked one is that of the rows, where they are sorted by this column alone. */
function sortItems(
  columns: Columns,
  col: number,
  query: Query,
  ask: ColumnActions["ask"],
): readonly MenuItem[] {
  const [only, ...others] = query.order;
  return [false, true].map((descending) => ({
    label: `Sort ${direction(kindOf(columns, col), descending)}`,
    testId: descending ? "sort-descending" : "sort-ascending",
    checked: others.length === 0 && only?.col === col && only.descending === descending,
    run: () => ask(sortedBy(query, { col, descending })),
  }));
}

/** Beside other columns. */
function alsoItems(
  columns: Columns,
  col: number,
  query: Query,
  ask: ColumnActions["ask"],
): readonly MenuItem[] {
  const { order } = query;
  const own = order.find((level) => level.col === col);
  const hasOthers = order.length > (own === undefined ? 0 : 1);
  const also: MenuItem = {
    label: "Sort by this too",
    testId: "sort-also",
    disabled: own === undefined && order.length >= LEVELS_MOST,
    groups: [
      [false, true].map((descending) => ({
        label: direction(kindOf(columns, col), descending),
        testId: descending ? "also-descending" : "also-ascending",
        checked: own?.descending === descending,
        run: () => ask(alsoBy(query, { col, descending })),
      })),
    ],
  };
  const none: MenuItem = {
    label: "Don't sort by this",
    testId: "sort-none",
    run: () => ask(unsorted(query, col)),
  };
  return [...(hasOthers ? [also] : []), ...(own === undefined ? [] : [none])];
}

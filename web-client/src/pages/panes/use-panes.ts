// The panes of the address: which sheets the window shows side by side, and which one is active.
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useState } from "react";
import { useSearch } from "wouter";
import { Store } from "../../base/store.ts";
import { keeper } from "../../live/keeper.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { useNarrow, useWide } from "../../ui/narrow.ts";
import { type ShownPane, shownPanes } from "../../ui/panes/shown.ts";
import { keysOf, PANES_MOST, sheetsOf } from "./address.ts";

/** One sheet of the window. */
export interface SheetPane extends ShownPane {
  /** The sheet, once it is open. */
  readonly sheet: Store<LiveSheet | undefined>;
}

export interface Panes {
  /** The panes on the screen. */
  shown: readonly SheetPane[];
  /** All sheets of the address: a narrow window leaves the last ones out. */
  ids: readonly string[];
  /** How many panes the window has room for. */
  most: number;
  active: Store<string>;
}

export function usePanes(first: string): Panes {
  const search = useSearch();
  const narrow = useNarrow();
  const wide = useWide();
  const most = narrow ? 1 : wide ? PANES_MOST : 2;
  const [all] = useState(() => ({ active: new Store(first), made: new Map<string, SheetPane>() }));
  const panes = useMemo(() => {
    const { active, made } = all;
    const pane = (key: string, id: string): SheetPane => ({
      ...{ key, id, active },
      name: new Store(""),
      lead: new Store<ReactNode>(null),
      query: new Store(""),
      sheet: new Store<LiveSheet | undefined>(undefined),
    });
    const ids = sheetsOf(first, search);
    const keys = keysOf(ids).slice(0, most);
    const shown = keys.map((key, i) => made.get(key) ?? pane(key, ids[i] ?? ""));
    all.made = new Map(shown.map((one) => [one.key, one]));
    return { shown, ids, most, active };
  }, [all, first, search, most]);
  // Before the new pane asks for the focus.
  useLayoutEffect(() => {
    const { active, shown } = panes;
    if (!shown.some(({ key }) => key === active.get())) active.set(shown[0]?.key ?? "");
  }, [panes]);
  useLayoutEffect(() => {
    shownPanes.set(panes.shown);
    return () => shownPanes.set([]);
  }, [panes]);
  useEffect(() => () => keeper.sheets?.end(), []);
  return panes;
}

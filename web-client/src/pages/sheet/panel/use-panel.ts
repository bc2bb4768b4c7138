// Opens and closes the side panel. Its tab stands in the address (see panel-address.ts).
//
// Invariant: the way back closes a panel that was opened on this page; closing it leaves no entry behind. The address is
// about the first of several sheets: the panels of the others stand in none.
import { useMemo } from "react";
import { navigate } from "../../../base/router.ts";
import { type PanelPlace, type PanelTab, panelQuery, readPanel } from "./panel-address.ts";
import { usePaneQuery } from "./use-pane-query.ts";

export interface Panel extends PanelPlace {
  /** Opens a tab, and one comment of it. */
  open: (tab: PanelTab, comment?: string) => void;
  /** Opens a tab, or closes the panel when the tab is open. */
  toggle: (tab: PanelTab) => void;
  close: () => void;
}

/** The state of an entry of the browser's history that an open panel has added. */
const ADDED = { panel: true };

function isAdded(): boolean {
  return (history.state as Partial<typeof ADDED> | null)?.panel === true;
}

function show(tab: PanelTab, comment?: string): void {
  const to = location.pathname + panelQuery(location.search, tab, comment);
  const isOpen = readPanel(location.search).tab !== undefined;
  if (isOpen) navigate(to, "replace", history.state);
  else navigate(to, "push", ADDED);
}

function hide(): void {
  if (readPanel(location.search).tab === undefined) return;
  const added = isAdded();
  // At once: a second call, before the browser has gone back, finds a closed panel.
  navigate(location.pathname + panelQuery(location.search, undefined), "replace");
  if (added) history.back();
}

export function usePanel(): Panel {
  const { search, isBeside, query } = usePaneQuery();
  return useMemo(() => {
    const shown = readPanel(search);
    const open: Panel["open"] = isBeside
      ? (tab, comment) => query.set(panelQuery("", tab, comment))
      : show;
    const close = isBeside ? () => query.set("") : hide;
    const toggle = (tab: PanelTab) => (shown.tab === tab ? close() : open(tab));
    return { ...shown, open, toggle, close };
  }, [search, query, isBeside]);
}

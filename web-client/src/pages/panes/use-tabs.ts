// The tabs of a page of sheets: they follow the sheets that are shown, the server and the keyboard.
import { useEffect, useState } from "react";
import { session } from "../../api/session.ts";
import { isCovered } from "../../ui/overlay/focus.ts";
import { showToast } from "../../ui/toasts.ts";
import { findSheet } from "./find-sheet.ts";
import { goAcross, goTo, shownOf } from "./go.ts";
import { refreshTabs } from "./refresh.ts";
import { StoredTabs } from "./stored-tabs.ts";
import { beyond, chosen, closed, opened } from "./tabs.ts";
import type { Panes, SheetPane } from "./use-panes.ts";

/** Milliseconds between two questions to the server about the tabs, when the page is shown again. */
const REFRESH_MILLIS = 60_000;

/** The name of each pane's sheet that its tab has received. */
const noted = new WeakMap<SheetPane, string>();

/**
 * Opens the tab of a pane's sheet, and renames it. A name is noted only when it changes here: while this page has no
 * connection, another tab of the browser may know a newer one.
 */
function recorder(pane: SheetPane, stored: StoredTabs, shown: readonly string[]): () => void {
  const { id, name } = pane;
  const hasTab = () => stored.tabs.get().some((tab) => tab.id === id);
  return () => {
    const tab = { id, name: name.get(), at: Date.now() };
    if (tab.name === "" || (noted.get(pane) === tab.name && hasTab())) return;
    noted.set(pane, tab.name);
    stored.change((tabs) => chosen(opened(tabs, tab, shown), id, tab.at));
  };
}

/** Calls back when a pane's sheet can't be opened any more, which its pane shows, and when it is restored. */
function onEnd({ sheet }: SheetPane, ended: () => void, restored: () => void): () => void {
  let stop: () => void = () => undefined;
  const follow = () => {
    stop();
    const status = sheet.get()?.status;
    let isEnded = false;
    const note = () => {
      const phase = status?.get().phase;
      const was = isEnded;
      if (phase?.kind === "closed") isEnded = phase.end === "no-sheet";
      else if (phase?.kind === "online") isEnded = false;
      if (isEnded !== was) (isEnded ? ended : restored)();
    };
    stop = status?.subscribe(note) ?? (() => undefined);
    note();
  };
  const unsubscribe = sheet.subscribe(follow);
  follow();
  return () => {
    unsubscribe();
    stop();
  };
}

/** Keeps the tab of a pane's sheet. */
function record(pane: SheetPane, stored: StoredTabs, shown: readonly string[]): () => void {
  const note = recorder(pane, stored, shown);
  const end = () => stored.change((tabs) => closed(tabs, pane.id));
  // Another tab of the browser may close the tab of a sheet that this page shows: looking at it again opens the tab.
  const seen = () => {
    if (!document.hidden) note();
  };
  document.addEventListener("visibilitychange", seen);
  note();
  const stops = [pane.name.subscribe(note), onEnd(pane, end, note)];
  return () => {
    document.removeEventListener("visibilitychange", seen);
    for (const stop of stops) stop();
  };
}

function useRecord({ shown }: Panes, stored: StoredTabs): void {
  useEffect(() => {
    const ids = shown.map(({ id }) => id);
    const stops = shown.map((pane) => record(pane, stored, ids));
    return () => {
      for (const stop of stops) stop();
    };
  }, [shown, stored]);
}

/** Asks the server about the tabs once, and again when the person comes back to the page. */
function useRefresh(stored: StoredTabs): void {
  useEffect(() => {
    let last = 0;
    const refresh = () => {
      if (document.hidden || Date.now() - last < REFRESH_MILLIS) return;
      last = Date.now();
      void refreshTabs({
        tabs: stored.tabs.get,
        change: (next) => stored.change(next),
        isShown: (id) => document.querySelector(`.pane[data-sheet="${CSS.escape(id)}"]`) !== null,
        find: findSheet,
        notify: (text) => showToast("info", text),
      });
    };
    refresh();
    document.addEventListener("visibilitychange", refresh);
    return () => document.removeEventListener("visibilitychange", refresh);
  }, [stored]);
}

const STEPS: Record<string, -1 | 1> = { PageUp: -1, PageDown: 1 };

/** The step of Ctrl Alt Page Up or Page Down; undefined for other keys. */
function stepOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): -1 | 1 | undefined {
  return (ctrlKey || metaKey) && altKey ? STEPS[key] : undefined;
}

/** Ctrl Alt Page Up and Page Down choose another tab; with Shift, another pane. */
function useKeys(panes: Panes, stored: StoredTabs): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const step = stepOf(event);
      if (step === undefined || isCovered()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.shiftKey) return goAcross(panes, step);
      const { ids, active } = shownOf(panes);
      const to = beyond(stored.tabs.get(), ids[active] ?? "", step);
      if (to !== undefined) goTo(panes, stored, to);
    };
    addEventListener("keydown", onKeyDown, true);
    return () => removeEventListener("keydown", onKeyDown, true);
  }, [panes, stored]);
}

export function useTabs(panes: Panes): StoredTabs {
  const [stored] = useState(() => new StoredTabs(session.get()?.accountId ?? ""));
  useEffect(() => stored.follow(), [stored]);
  useRecord(panes, stored);
  useRefresh(stored);
  useKeys(panes, stored);
  return stored;
}

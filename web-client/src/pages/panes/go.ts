// Carries out moves between sheets: changes the address, makes a pane the active one and gives it the focus.
import { flushSync } from "react-dom";
import { navigate } from "../../base/router.ts";
import { showToast } from "../../ui/toasts.ts";
import { keysOf, panesPath } from "./address.ts";
import { choose, closePane, closeTab, openBeside, type Shown, swap } from "./moves.ts";
import type { StoredTabs } from "./stored-tabs.ts";
import { chosen, closed } from "./tabs.ts";
import type { Panes } from "./use-panes.ts";

/** The sheets of the address and the active one. */
export function shownOf({ ids, active }: Panes): Shown {
  return { ids, active: Math.max(0, keysOf(ids).indexOf(active.get())) };
}

/** Gives the focus to the sheet of the active pane; one that is not open yet takes it itself. */
export function focusActive(): void {
  const field = document.querySelector<HTMLElement>(".pane[data-active=true] .cell-entry");
  field?.focus({ preventScroll: true });
}

function go({ ids, active }: Panes, next: Shown, how: "push" | "replace" = "push"): void {
  // An open editor writes its text before its sheet is left.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  flushSync(() => {
    active.set(keysOf(next.ids)[next.active] ?? "");
    const search = next.ids[0] === ids[0] ? location.search : "";
    if (next.ids.join() !== ids.join()) navigate(panesPath(next.ids, search), how);
  });
  focusActive();
}

export function goTo(panes: Panes, stored: StoredTabs, id: string): void {
  stored.change((tabs) => chosen(tabs, id, Date.now()));
  go(panes, choose(shownOf(panes), id, panes.shown.length));
}

/** Whether another sheet has room beside those that are shown. */
export function hasRoom({ ids, most }: Panes): boolean {
  return ids.length < most;
}

export function goBeside(panes: Panes, id: string): void {
  const { most } = panes;
  if (hasRoom(panes)) go(panes, openBeside(shownOf(panes), id));
  else showToast("info", `This window has room for ${most} sheets. Close one of them first.`);
}

/** Makes the next pane the active one, in a circle. */
export function goAcross(panes: Panes, step: -1 | 1): void {
  const { ids, active } = shownOf(panes);
  const count = panes.shown.length;
  go(panes, { ids, active: (active + step + count) % count });
}

export function leavePane(panes: Panes, at: number): void {
  const next = closePane(shownOf(panes), at);
  if (next !== undefined) go(panes, next);
}

/** Swaps two panes. What was scrolled stays scrolled: browsers forget it when an element moves. */
export function swapPanes(panes: Panes, at: number): void {
  const scrolled = [...document.querySelectorAll(".pane *")]
    .filter((element) => element.scrollTop > 0 || element.scrollLeft > 0)
    .map((element) => ({ element, top: element.scrollTop, left: element.scrollLeft }));
  go(panes, swap(shownOf(panes), at), "replace");
  for (const { element, top, left } of scrolled) element.scrollTo({ top, left });
}

export function leaveTab(panes: Panes, stored: StoredTabs, id: string): void {
  const next = closeTab(shownOf(panes), stored.tabs.get(), id);
  stored.change((tabs) => closed(tabs, id));
  if (next === undefined) navigate("/");
  else if (next.ids.join() !== panes.ids.join()) go(panes, next);
}

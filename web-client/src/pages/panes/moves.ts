// What choosing, opening beside, closing and swapping do to the sheets of an address.
//
// What it is not: it changes no address. Each function returns the sheets after it, and which of them is active.
import type { Tabs } from "./tabs.ts";
import { neighbour } from "./tabs.ts";

export interface Shown {
  /** The sheets of the address, the first one first. */
  ids: readonly string[];
  /** The place of the active one. */
  active: number;
}

/**
 * Chooses a sheet: where it is shown already, or else in place of the active one. `room`: how many the window shows; a
 * sheet beyond them changes places with the active one.
 */
export function choose({ ids, active }: Shown, id: string, room: number): Shown {
  if (ids[active] === id) return { ids, active };
  const at = ids.indexOf(id);
  if (at >= 0 && at < room) return { ids, active: at };
  const chosen = ids.with(active, id);
  return { ids: at < 0 ? chosen : chosen.with(at, ids[active] ?? ""), active };
}

/** Opens a sheet at the right of the active one. */
export function openBeside({ ids, active }: Shown, id: string): Shown {
  return { ids: ids.toSpliced(active + 1, 0, id), active: active + 1 };
}

/** Closes a pane; undefined for the only one. */
export function closePane({ ids, active }: Shown, at: number): Shown | undefined {
  if (ids.length < 2) return undefined;
  const left = ids.toSpliced(at, 1);
  return { ids: left, active: Math.min(active > at ? active - 1 : active, left.length - 1) };
}

/** Swaps a pane with the one at its right. The active sheet stays active. */
export function swap({ ids, active }: Shown, at: number): Shown {
  const [left, right] = [ids[at], ids[at + 1]];
  if (left === undefined || right === undefined) return { ids, active };
  const place = active === at ? at + 1 : active === at + 1 ? at : active;
  return { ids: ids.with(at, right).with(at + 1, left), active: place };
}

/** Closes a sheet with its tab, in each pane that shows it; undefined when no sheet is left to show. */
export function closeTab({ ids, active }: Shown, tabs: Tabs, id: string): Shown | undefined {
  if (!ids.includes(id)) return { ids, active };
  const left = ids.filter((other) => other !== id);
  if (left.length > 0) {
    const before = ids.slice(0, active).filter((other) => other !== id).length;
    return { ids: left, active: Math.min(before, left.length - 1) };
  }
  const next = neighbour(tabs, id);
  return next === undefined ? undefined : { ids: [next], active: 0 };
}

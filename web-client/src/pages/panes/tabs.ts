// The tabs of the sheets that an account has opened lately, as values.
//
// What it is not: it stores and draws nothing.
// Invariants: a sheet has at most one tab; there are at most TABS_MOST. A change that changes nothing returns the same
// list.

export interface Tab {
  id: string;
  name: string;
  /** When the sheet was last chosen, in milliseconds. */
  at: number;
}

export type Tabs = readonly Tab[];

export const TABS_MOST = 12;

function isTab(value: unknown): value is Tab {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, at } = value as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" && typeof at === "number";
}

/** Parses stored tabs; what is malformed is left out. */
export function parseTabs(text: string | null): Tabs {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isTab).slice(0, TABS_MOST) : [];
  } catch {
    return [];
  }
}

/** The sheet is open under a name. A new tab is the last; beyond the limit it replaces the one chosen longest ago. */
export function opened(tabs: Tabs, { id, name, at }: Tab, shown: readonly string[]): Tabs {
  const old = tabs.find((tab) => tab.id === id);
  if (old?.name === name) return tabs;
  if (old !== undefined) return tabs.map((tab) => (tab === old ? { ...tab, name } : tab));
  const left = [...tabs];
  while (left.length >= TABS_MOST) {
    const hidden = left.filter((tab) => !shown.includes(tab.id));
    const oldest = hidden.toSorted((a, b) => a.at - b.at)[0] ?? left[0];
    left.splice(left.indexOf(oldest as Tab), 1);
  }
  return [...left, { id, name, at }];
}

/** A sheet was chosen. */
export function chosen(tabs: Tabs, id: string, at: number): Tabs {
  return tabs.map((tab) => (tab.id === id ? { ...tab, at } : tab));
}

/** A sheet has another name. */
export function renamed(tabs: Tabs, id: string, name: string): Tabs {
  const same = tabs.every((tab) => tab.id !== id || tab.name === name);
  return same ? tabs : tabs.map((tab) => (tab.id === id ? { ...tab, name } : tab));
}

export function closed(tabs: Tabs, id: string): Tabs {
  return tabs.some((tab) => tab.id === id) ? tabs.filter((tab) => tab.id !== id) : tabs;
}

/** The tab stands at a place, counted in the list without it. */
export function placed(tabs: Tabs, id: string, place: number): Tabs {
  const from = tabs.findIndex((tab) => tab.id === id);
  const to = Math.min(tabs.length - 1, Math.max(0, place));
  const tab = tabs[from];
  if (tab === undefined || from === to) return tabs;
  return tabs.toSpliced(from, 1).toSpliced(to, 0, tab);
}

/** The sheet that takes the place of a closed one: the next tab, or the one before the last. */
export function neighbour(tabs: Tabs, id: string): string | undefined {
  const from = tabs.findIndex((tab) => tab.id === id);
  return (tabs[from + 1] ?? tabs[from - 1])?.id;
}

/** The tab that is `step` places after a sheet's, in a circle; the first or last one for a sheet without a tab. */
export function beyond(tabs: Tabs, id: string, step: -1 | 1): string | undefined {
  const from = tabs.findIndex((tab) => tab.id === id);
  const start = from < 0 && step < 0 ? 0 : from;
  return tabs[(start + step + tabs.length) % tabs.length]?.id;
}

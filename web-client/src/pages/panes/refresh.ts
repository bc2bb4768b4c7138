// Asks the server about the sheets of the tabs: names change, and sheets are deleted or no longer shared.
//
// Invariant: a tab leaves only after an answer of the server about its sheet, with a message.
import { closed, renamed, type Tab, type Tabs } from "./tabs.ts";

/** gone: it doesn't exist, or the account has no access. unknown: the server did not answer. */
export type Found = { what: "there"; name: string } | { what: "deleted" | "gone" | "unknown" };

interface Refreshing {
  tabs: () => Tabs;
  change: (next: (tabs: Tabs) => Tabs) => void;
  /** Whether a pane shows the sheet: its own page follows the sheet. */
  isShown: (id: string) => boolean;
  find: (id: string) => Promise<Found>;
  notify: (text: string) => void;
}

function farewell({ name }: Tab, what: "deleted" | "gone"): string {
  return what === "deleted"
    ? `“${name}” was deleted. Its tab is closed.`
    : `You can no longer open “${name}”. Its tab is closed.`;
}

/** Brings all tabs up to date, one after the other; ends when the server does not answer. */
export async function refreshTabs(given: Refreshing): Promise<void> {
  const { tabs, change, isShown, find, notify } = given;
  for (const tab of tabs()) {
    if (isShown(tab.id)) continue;
    const found = await find(tab.id);
    if (found.what === "unknown") return;
    const there = tabs().some(({ id }) => id === tab.id);
    if (!there || isShown(tab.id)) continue;
    if (found.what === "there") change((now) => renamed(now, tab.id, found.name));
    else {
      change((now) => closed(now, tab.id));
      notify(farewell(tab, found.what));
    }
  }
}

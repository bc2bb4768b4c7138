// Leads to an address within the panes of this page where its sheet stands in one of them.
//
// Invariant: leading to a sheet that is on the screen leaves the sheets beside it where they are.
import { navigate, sheetPath } from "../../../base/router.ts";
import { type ShownPane, shownPanes } from "../../../ui/panes/shown.ts";
import { panesPath, sheetsOf } from "../address.ts";

/** What is to change for an address. */
export type Lead =
  /** The first pane, which the address of the page is about. */
  | { pane: ShownPane; to: string | undefined }
  /** Another pane has a query of its own. */
  | { pane: ShownPane; query: string | undefined };

const PANEL = ["panel", "comment"];

/** The query of a pane that is led to a place: without a panel of its own, the place leaves the panel as it is. */
function queryOf(wanted: string, now: string): string {
  const query = new URLSearchParams(wanted);
  const old = new URLSearchParams(now);
  if (!PANEL.some((name) => query.has(name)))
    for (const name of PANEL) {
      const value = old.get(name);
      if (value !== null) query.set(name, value);
    }
  return query.toString();
}

/** The pane of an address and what it is to show; undefined: its sheet stands in none. `search`: that of the page. */
export function leadOf(to: string, panes: readonly ShownPane[], search: string): Lead | undefined {
  const [path = "", wanted = ""] = to.split("?");
  const at = panes.findIndex(({ id }) => sheetPath(id) === path);
  const pane = panes[at];
  if (pane === undefined) return undefined;
  // The sheet alone is wanted.
  if (wanted === "") return at > 0 ? { pane, query: undefined } : { pane, to: undefined };
  if (at > 0) return { pane, query: `?${queryOf(wanted, pane.query.get())}` };
  return { pane, to: panesPath(sheetsOf(pane.id, search), queryOf(wanted, search)) };
}

/** Leads there within the panes; false: the page has to go to the address. */
export function leadWithin(to: string): boolean {
  const lead = leadOf(to, shownPanes.get(), location.search);
  if (lead === undefined) return false;
  const { pane } = lead;
  pane.active.set(pane.key);
  if ("query" in lead) {
    if (lead.query !== undefined) pane.query.set(lead.query);
  } else if (lead.to !== undefined) navigate(lead.to);
  return true;
}

/** Leads there within the panes, or goes to the address. */
export function leadTo(to: string): void {
  if (!leadWithin(to)) navigate(to);
}

/** The addresses of all that the page shows: its own, and those of the other panes. */
export function addressesNow(): string[] {
  const beside = shownPanes.get().slice(1);
  const own = location.pathname + location.search;
  return [own, ...beside.map(({ id, query }) => sheetPath(id) + query.get())];
}

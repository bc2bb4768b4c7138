// The sheets of an address: `/sheets/A?beside=B,C` shows A, and B and C at its right.
//
// What it is not: it knows no window and no account.
import { sheetPath } from "../../base/router.ts";

/** The most sheets side by side. */
export const PANES_MOST = 4;

/** The sheets of an address, the first one first. */
export function sheetsOf(first: string, search: string): string[] {
  const beside = new URLSearchParams(search).get("beside") ?? "";
  return [first, ...beside.split(",").filter((id) => id !== "")];
}

/**
 * The address of sheets side by side. The rest of the query `search` is about the first sheet, and stays with it.
 */
export function panesPath([first = "", ...beside]: readonly string[], search = ""): string {
  const query = new URLSearchParams(search);
  query.delete("beside");
  const ids = beside.map(encodeURIComponent).join(",");
  const parts = [query.toString(), ids === "" ? "" : `beside=${ids}`].filter((part) => part !== "");
  return parts.length === 0 ? sheetPath(first) : `${sheetPath(first)}?${parts.join("&")}`;
}

/** The keys of panes: the id of the sheet, with a number for a sheet that stands there again. */
export function keysOf(ids: readonly string[]): string[] {
  return ids.map((id, i) => {
    const before = ids.slice(0, i).filter((other) => other === id).length;
    return before === 0 ? id : `${id}#${before + 1}`;
  });
}

// The addresses of the application. The routes themselves are in app/App.tsx.
import { navigate as go } from "wouter/use-browser-location";

/** The path of a sheet's page. */
export function sheetPath(id: string): string {
  return `/sheets/${encodeURIComponent(id)}`;
}

/** The path of a sheet with its chat open. */
export function sheetChatPath(id: string): string {
  return `${sheetPath(id)}?panel=chat`;
}

/** The path of a sheet with a comment open. */
export function commentPath(id: string, thread: string): string {
  return `${sheetPath(id)}?comment=${encodeURIComponent(thread)}`;
}

/** The path of a link that shares a sheet. */
export function linkPath(token: string): string {
  return `/link/${encodeURIComponent(token)}`;
}

interface CellId {
  rowId: bigint;
  columnId: string;
}

/** The path of a cell, by the ids of its row and column. */
export function cellPath(cell: { sheetId: string } & CellId): string {
  return `${sheetPath(cell.sheetId)}?cell=${cell.rowId}.${cell.columnId}`;
}

/** The cell that the query of an address names: `?cell=ROW.COLUMN`, by ids. */
export function readCell(search: string): CellId | undefined {
  const [, row = "", columnId = ""] =
    /^(\d{1,19})\.(\d{1,19})$/.exec(new URLSearchParams(search).get("cell") ?? "") ?? [];
  return row === "" ? undefined : { rowId: BigInt(row), columnId };
}

/** Goes to a path of this application. `state` is a value of the new entry of the browser's history. */
export function navigate(to: string, how: "push" | "replace" = "push", state?: unknown): void {
  go(to, { replace: how === "replace", state });
}

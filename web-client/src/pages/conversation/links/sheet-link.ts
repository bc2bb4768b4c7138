// Addresses of sheets and cells of this server in the text of a message.
//
// What it is not: it asks no server. Invariant: only addresses of this page's own origin are links to sheets.
import { readCell } from "../../../base/router.ts";
import { columnTitle } from "../../../cells/column-names.ts";
import type { Sheet } from "../../../gen/gridloom/v1/sheets_pb.ts";
import { partsOf } from "../text-parts.ts";

export interface SheetLink {
  sheetId: string;
  cell: { rowId: bigint; columnId: string } | undefined;
  /** Within this application. */
  path: string;
}

const HERE = typeof location === "undefined" ? "" : location.origin;

/** The sheet or cell that an address leads to; undefined for other addresses. */
export function sheetLink(address: string, origin: string): SheetLink | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const [, sheetId] = /^\/sheets\/([0-9a-f-]{36})\/?$/i.exec(url.pathname) ?? [];
  if (url.origin !== origin || sheetId === undefined) return undefined;
  return { sheetId, cell: readCell(url.search), path: url.pathname + url.search };
}

/** A text in one line, with words in place of the addresses of sheets and cells. */
export function oneLine(text: string, origin = HERE): string {
  const parts = partsOf(text, []).map((part) => {
    const link = part.kind === "link" ? sheetLink(part.text, origin) : undefined;
    if (link === undefined) return part.text;
    return link.cell === undefined ? "a sheet" : "a cell";
  });
  return parts.join("").replace(/\s+/g, " ").trim();
}

type Known = Pick<Sheet, "name" | "columns" | "columnsLeftOut" | "deletedMicros">;

/** What is known of a link. `row`: the position of the row, null for a deleted one. */
export interface Found {
  sheet: Known | undefined;
  row: number | null | undefined;
  /** The person has no access, or there is no such sheet. */
  isClosed: boolean;
}

/** "Budget · Price · row 12": a link in words. */
export function linkText({ cell }: SheetLink, { sheet, row, isClosed }: Found): string {
  if (isClosed) return "A sheet that you can't open";
  if (sheet === undefined) return cell === undefined ? "A sheet" : "A cell";
  if (sheet.deletedMicros > 0n) return `${sheet.name} · deleted`;
  if (cell === undefined) return sheet.name;
  const col = sheet.columns.findIndex(({ id }) => id === cell.columnId);
  const isColumnGone = col < 0 && !sheet.columnsLeftOut;
  if (isColumnGone) return `${sheet.name} · deleted column`;
  if (row === null) return `${sheet.name} · deleted row`;
  const parts = [sheet.name];
  if (col >= 0) parts.push(columnTitle(sheet.columns[col], col));
  if (row !== undefined) parts.push(`row ${(row + 1).toLocaleString()}`);
  return parts.join(" · ");
}

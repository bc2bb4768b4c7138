// The links of cells: what a column of links or of e-mail addresses takes opens in another tab or program.
//
// Invariant: an opened address is what the engine takes for a link or an e-mail address; no other scheme is opened.
import type { Item } from "@glideapps/glide-data-grid";
import type { CellValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { isOfKind } from "../../live/engine/forms.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";

/** The address that a value leads to in a column of this kind. */
export function linkOf(value: CellValue | undefined, kind: ColumnKind): string | undefined {
  const isEmail = kind === ColumnKind.EMAIL;
  if (typeof value !== "string" || value === "" || !(isEmail || kind === ColumnKind.LINK))
    return undefined;
  if (!isOfKind(value, kind)) return undefined;
  // The part before the @ may have a question mark, behind which a header of the mail would begin.
  return isEmail ? `mailto:${encodeURIComponent(value).replace("%40", "@")}` : value;
}

/** The address that a cell leads to. */
export function cellLink(sheet: LiveSheet, [col, row]: Item): string | undefined {
  return linkOf(sheet.cell(row, col), sheet.layout.get().columns[col]?.kind ?? ColumnKind.ANY);
}

/** Opens the link of a cell, if it has one. */
export function followCell(sheet: LiveSheet, cell: Item): void {
  const href = cellLink(sheet, cell);
  if (href === undefined) return;
  const link = document.createElement("a");
  Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer" });
  link.click();
}

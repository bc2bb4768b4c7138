// Links to cells, for messages and for other programs.
import type { Item } from "@glideapps/glide-data-grid";
import { copyText } from "../../../base/copy.ts";
import { cellPath } from "../../../base/router.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { cellIdOf } from "../../../live/view/cell-id.ts";
import { showToast } from "../../../ui/toasts.ts";

const UNSAVED = "This cell isn't saved yet. Try again in a moment.";

/** The address of a cell; undefined, with a message, for a row that the server doesn't have. */
export function cellAddress(id: string, sheet: LiveSheet, [col, row]: Item): string | undefined {
  const cell = cellIdOf(sheet, { row, col });
  if (cell !== undefined) return location.origin + cellPath({ sheetId: id, ...cell });
  showToast("info", UNSAVED);
  return undefined;
}

export async function copyCellLink(id: string, sheet: LiveSheet, cell: Item): Promise<void> {
  const address = cellAddress(id, sheet, cell);
  if (address === undefined) return;
  if (await copyText(address)) showToast("info", "Link copied.");
  else
    showToast("info", `Your browser did not allow this. The link is ${address}`, undefined, {
      stays: true,
    });
}

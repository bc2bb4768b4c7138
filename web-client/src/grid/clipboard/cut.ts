// The second half of a cut: clears the copied cells after the clipboard has accepted the copy.
//
// Invariant: a cell that changed after it was copied keeps its value, and a notice reports that.
import type { Area } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import { clearAreas } from "../edits/edits.ts";
import { notifyLoss } from "../edits/loss-notice.ts";
import { readAll, whenLoaded } from "../edits/read-values.ts";
import { newParts } from "../edits/steps.ts";
import { type Unchanged, unchanged } from "./unchanged.ts";

type Block = readonly (readonly CellValue[])[];

/** Clears the cells of held areas that still have their copied values; true when it cleared all cells. */
export async function clearCopied(
  sheet: LiveSheet,
  hold: Hold,
  copied: readonly Block[],
): Promise<boolean> {
  const all = hold.areas();
  const now = readAll(sheet, all);
  if (now === undefined) return clearLoading(sheet, hold, copied);
  const compared = all.flatMap((area, i) => compare(area, copied[i], now[i]));
  const whole = clearAreas(
    sheet,
    compared.flatMap(({ areas }) => areas),
  );
  return notifyChanged(compared) && whole;
}

function compare(area: Area | undefined, copied: Block = [], now: Block = []): Unchanged[] {
  return area === undefined ? [] : [unchanged(area, copied, now)];
}

/** The same for areas that must be loaded again: clears each area as soon as its cells are loaded. */
async function clearLoading(
  sheet: LiveSheet,
  hold: Hold,
  copied: readonly Block[],
): Promise<boolean> {
  const compared: Unchanged[] = [];
  const parts = newParts();
  let whole = true;
  for (const [i, block] of copied.entries()) {
    const clear = (now: CellValue[][], area: Area) => {
      const result = unchanged(area, block, now);
      compared.push(result);
      whole = clearAreas(sheet, result.areas, parts);
      return whole;
    };
    const done = await whenLoaded(sheet, hold, () => hold.areas()[i], clear);
    if (done !== true) break;
  }
  const loaded = compared.length === copied.length;
  if (hold.loss() !== undefined) notifyLoss(sheet, hold);
  else if (!loaded && whole) showToast("error", NOT_LOADED, undefined, { stays: true });
  return notifyChanged(compared) && loaded && whole;
}

const NOT_LOADED = "Some cells did not load again. They were copied, but not cleared.";
const RESHAPED =
  "Rows or columns were added or deleted among the cells that you cut. They were copied, but not cleared.";

/** Shows a notice for cells that were copied but not cleared; true when there are none. */
function notifyChanged(compared: readonly Unchanged[]): boolean {
  const reshaped = compared.some(({ sameShape }) => !sameShape);
  if (reshaped) showToast("info", RESHAPED, undefined, { stays: true });
  const cells = compared.reduce((sum, one) => sum + (one.sameShape ? one.changed : 0), 0);
  if (cells > 0) showToast("info", changedText(cells), undefined, { stays: true });
  return cells === 0 && !reshaped;
}

function changedText(cells: number): string {
  if (cells === 1)
    return "1 cell changed while you cut it. It was copied as it was, but not cleared.";
  const count = cells.toLocaleString();
  return `${count} cells changed while you cut them. They were copied as they were, but not cleared.`;
}

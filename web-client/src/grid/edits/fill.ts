// Fills: repeats the values of some cells over the cells beside them.
import type { Area } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import { fillArea } from "./edits.ts";
import { notifyLoss } from "./loss-notice.ts";
import { readValues, whenLoaded } from "./read-values.ts";

/** The source of Ctrl D and Ctrl R in an area: its first line, or for a single line the line before it. */
export function fillPlan(
  area: Area,
  axis: "rows" | "cols",
): { source: Area; dest: Area } | undefined {
  const { row, col, height, width } = area;
  if (axis === "rows") {
    if (height > 1) return { source: { ...area, height: 1 }, dest: area };
    const above = { ...area, row: row - 1 };
    return row > 0 ? { source: above, dest: { ...above, height: 2 } } : undefined;
  }
  if (width > 1) return { source: { ...area, width: 1 }, dest: area };
  const left = { ...area, col: col - 1 };
  return col > 0 ? { source: left, dest: { ...left, width: 2 } } : undefined;
}

/** The part of `dest` that is outside `source`; `dest` contains `source` and exceeds it along one axis. */
export function strip(source: Area, dest: Area): Area | undefined {
  const below = dest.row + dest.height - (source.row + source.height);
  if (below > 0) return { ...dest, row: source.row + source.height, height: below };
  if (dest.row < source.row) return { ...dest, height: source.row - dest.row };
  const right = dest.col + dest.width - (source.col + source.width);
  if (right > 0) return { ...dest, col: source.col + source.width, width: right };
  if (dest.col < source.col) return { ...dest, width: source.col - dest.col };
  return undefined;
}

/** Repeats the values of `source` over `to`. */
function repeat(
  sheet: LiveSheet,
  source: Area,
  to: Area,
  values: readonly (readonly CellValue[])[],
) {
  const wrap = (at: number, count: number) => ((at % count) + count) % count;
  fillArea(sheet, to, (y, x) => {
    const row = values[wrap(to.row + y - source.row, source.height)] ?? [];
    return row[wrap(to.col + x - source.col, source.width)] ?? null;
  });
}

/** Fills `dest` from `source`. While it loads missing values, both follow the moves of others. */
export async function fill(sheet: LiveSheet, source: Area, dest: Area): Promise<void> {
  const to = strip(source, dest);
  if (to === undefined) return;
  const now = readValues(sheet, source);
  if (now !== undefined) return repeat(sheet, source, to, now);
  const hold = sheet.hold([source, to]);
  try {
    const values = await whenLoaded(
      sheet,
      hold,
      () => hold.area(),
      (read) => read,
    );
    const [from, into] = hold.areas();
    if (from === undefined || into === undefined) return notifyLoss(sheet, hold);
    if (values === undefined) showToast("error", "The cells to fill from did not load. Try again.");
    else repeat(sheet, from, into, values);
  } finally {
    hold.release();
  }
}

/** Fills by Ctrl D (`rows`) or Ctrl R (`cols`). */
export function fillByKey(sheet: LiveSheet, all: readonly Area[], axis: "rows" | "cols"): void {
  const [area] = all;
  const plan = area === undefined || all.length > 1 ? undefined : fillPlan(area, axis);
  if (plan === undefined) showToast("info", "Select one block of cells to fill.");
  else void fill(sheet, plan.source, plan.dest);
}

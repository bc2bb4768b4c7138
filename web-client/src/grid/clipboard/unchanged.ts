// Finds the copied cells that still have their copied values: a cut clears only those.

/** The cells that have their copied values, as areas, and the number of those that do not. */
export interface Unchanged {
  areas: Area[];
  changed: number;
  /** False after rows or columns were added or deleted: then no cell can be matched with its copy. */
  sameShape: boolean;
}

/** Compares `now`, the present values of `area`, with the copied values. */
export function unchanged(
  area: Area,
  copied: readonly (readonly CellValue[])[],
  now: readonly (readonly CellValue[])[],
): Unchanged {
  const sameShape = copied.length === now.length && copied[0]?.length === now[0]?.length;
  if (!sameShape) return { areas: [], changed: area.height * area.width, sameShape };
  const areas: Area[] = [];
  let same = 0;
  for (const [y, row] of now.entries()) {
    const runs = runsOf(row, copied[y] ?? []);
    for (const { count } of runs) same += count;
    extend(areas, area, y, runs);
  }
  return { areas, changed: area.height * area.width - same, sameShape };
}

/** The runs of values in a row that equal their copies. */
function runsOf(row: readonly CellValue[], copied: readonly CellValue[]): Lines[] {
  const runs: Lines[] = [];
  for (const [x, value] of row.entries()) {
    if (!sameValue(value, copied[x])) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.start + last.count === x) last.count++;
    else runs.push({ start: x, count: 1 });
  }
  return runs;
}

/** Adds the runs of a row. A row without a change extends the area above it. */
function extend(areas: Area[], { row, col, width }: Area, y: number, runs: readonly Lines[]): void {
  const above = areas.at(-1);
  const whole = runs.length === 1 && runs[0]?.count === width;
  if (whole && above?.width === width && above.row + above.height === row + y) above.height++;
  else
    for (const { start, count } of runs)
      areas.push({ row: row + y, col: col + start, height: 1, width: count });
}

import type { Area, Lines } from "../../cells/area.ts";
import { type CellValue, sameValue } from "../../cells/values.ts";

// What of copied cells still holds what was copied: a cut clears no more than that.

/** The cells that are as they were copied, as areas, and how many are not. */
export interface Unchanged {
  areas: Area[];
  changed: number;
  /** False when rows or columns came or went: no cell can be told from its neighbours then. */
  sameShape: boolean;
}

/** Compares the cells of `area`, which hold `now`, with what was copied. */
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

/** Runs of equal values. */
function runsOf(row: readonly CellValue[], copied: readonly CellValue[]): Lines[] {
  const runs: Lines[] = [];
  for (const [x, value] of row.entries()) {
    if (value !== copied[x]) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.start + last.count === x) last.count++;
    else runs.push({ start: x, count: 1 });
  }
  return runs;
}

/** Adds the runs of a row; a row that is all the same goes to the area above it. */
function extend(areas: Area[], { row, col, width }: Area, y: number, runs: readonly Lines[]): void {
  const above = areas.at(-1);
  const whole = runs.length === 1 && runs[0]?.count === width;
  if (whole && above?.width === width && above.row + above.height === row + y) above.height++;
  else
    for (const { start, count } of runs)
      areas.push({ row: row + y, col: col + start, height: 1, width: count });
}

import type { Area, Lines } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";

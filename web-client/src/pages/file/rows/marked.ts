// The selection of a table: a cursor, and the corner opposite to it. What it is not: a selection that edits move.
import type { Area, Lines } from "../../../cells/area.ts";

/** A place as [column, row]. */
export type Place = readonly [col: number, row: number];

export interface Marked {
  cursor: Place;
  corner: Place;
  /** Whole rows or columns, whatever the corner. */
  whole?: "rows" | "cols" | undefined;
}

export function oneMarked(cursor: Place): Marked {
  return { cursor, corner: cursor };
}

function between(a: number, b: number): Lines {
  return { start: Math.min(a, b), count: Math.abs(a - b) + 1 };
}

/** Lines as far as there are so many; the cursor stands on the first one also where there is none. */
function within({ start, count }: Lines, most: number): Lines {
  return { start, count: Math.max(0, Math.min(count, most - start)) };
}

/** The rows and columns that are selected, in a table of this size. */
export function areaOf({ cursor, corner, whole }: Marked, rows: number, cols: number): Area {
  const all = (count: number) => ({ start: 0, count });
  const y = within(whole === "cols" ? all(rows) : between(cursor[1], corner[1]), rows);
  const x = within(whole === "rows" ? all(cols) : between(cursor[0], corner[0]), cols);
  return { row: y.start, col: x.start, height: y.count, width: x.count };
}

export function holds({ row, col, height, width }: Area, [x, y]: Place): boolean {
  return y >= row && y < row + height && x >= col && x < col + width;
}

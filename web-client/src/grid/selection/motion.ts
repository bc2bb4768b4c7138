// Motions: the target cell of each motion of the cursor.
//
// What it is not: it knows no keys (see keys.ts), no selection (see navigate.ts) and no grid component, so that any grid can
// move by it.
import type { Item } from "@glideapps/glide-data-grid";

/** The dimensions of the sheet and its filled cells. */
export interface SheetShape {
  rows: number;
  cols: number;
  /** True when the cursor may go to the line below the last row, where typing appends a row. */
  newRow: boolean;
  /** Rows on one screen. */
  page: number;
  /** Whether a cell has a value; undefined while it is not loaded. */
  filled: (cell: Item) => boolean | undefined;
}

export type Motion =
  | { to: "step" | "edge"; dx: -1 | 0 | 1; dy: -1 | 0 | 1 }
  | { to: "page"; dy: -1 | 1 }
  | { to: "row-start" | "row-end" | "first" | "last" };

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** The nearest cell that is on the sheet. */
export function within([col, row]: Item, { rows, cols, newRow }: SheetShape): Item {
  return [clamp(col, cols - 1), clamp(row, newRow ? rows : rows - 1)];
}

/** The target cell of a motion. */
export function target(from: Item, motion: Motion, shape: SheetShape): Item {
  const [col, row] = from;
  switch (motion.to) {
    case "step":
      return within([col + motion.dx, row + motion.dy], shape);
    case "edge":
      return edge(from, motion.dx, motion.dy, shape);
    case "page":
      return within([col, row + motion.dy * Math.max(1, shape.page - 1)], shape);
    case "row-start":
      return [0, row];
    case "row-end":
      return within([shape.cols - 1, row], shape);
    case "first":
      return [0, 0];
    case "last":
      return within([shape.cols - 1, shape.rows - 1], { ...shape, newRow: false });
  }
}

/**
 * The end of the block of filled cells around the cursor, else the next filled cell, else the end of the
 * sheet. When the edge is beyond the loaded cells, it is unknown, and the end of the sheet replaces it.
 */
function edge([col, row]: Item, dx: number, dy: number, shape: SheetShape): Item {
  const last: Item = [dx > 0 ? shape.cols - 1 : 0, dy > 0 ? shape.rows - 1 : 0];
  const end: Item = [dx === 0 ? col : last[0], dy === 0 ? row : last[1]];
  const steps = Math.abs(end[0] - col) + Math.abs(end[1] - row);
  const at = (step: number): Item => [col + dx * step, row + dy * step];
  if (steps === 0 || row >= shape.rows) return within(end, { ...shape, newRow: false });
  const stop = blockEdge(steps, (step) => shape.filled(at(step)));
  return stop === undefined ? end : at(stop);
}

/** How many steps movingCorner to the edge of a block; undefined: to the end. */
function blockEdge(
  steps: number,
  filled: (step: number) => boolean | undefined,
): number | undefined {
  const inBlock = filled(0) === true && filled(1) === true;
  for (let step = 1; step <= steps; step++) {
    const now = filled(step);
    if (now === undefined) return undefined;
    if (now !== inBlock) return inBlock ? step - 1 : step;
  }
  return undefined;
}

/** The cell after Tab (1) or Shift Tab (-1): the next column, or the first column of the next row. */
export function nextByTab([col, row]: Item, step: -1 | 1, shape: SheetShape): Item {
  if (step > 0 && col >= shape.cols - 1) return row >= lastLine(shape) ? [col, row] : [0, row + 1];
  if (step < 0 && col <= 0) return row <= 0 ? [col, row] : [shape.cols - 1, row - 1];
  return [col + step, row];
}

function lastLine({ rows, newRow }: SheetShape): number {
  return newRow ? rows : rows - 1;
}

// Navigation: the selection that a motion of the cursor extends.
//
// What it is not: it knows no keys (see keys.ts), no targets of motions (see motion.ts) and no grid component.
import { CompactSelection, type GridSelection, type Item } from "@glideapps/glide-data-grid";
import { cellSelection, NOTHING } from "./selection.ts";

/** The corner that moves when the selection is extended: the one opposite the cursor. */
export function movingCorner({ current, rows, columns }: GridSelection): Item {
  if (current === undefined) return [0, 0];
  const { cell, range } = current;
  const across = (at: number, start: number, count: number) =>
    start < at ? start : start + count - 1;
  const slice = (lines: CompactSelection, at: number) => {
    const [start, end] = lines.items.find(([from, to]) => at >= from && at < to) ?? [at, at + 1];
    return across(at, start, end - start);
  };
  if (rows.length > 0) return [cell[0], slice(rows, cell[1])];
  if (columns.length > 0) return [slice(columns, cell[0]), cell[1]];
  return [across(cell[0], range.x, range.width), across(cell[1], range.y, range.height)];
}

/** The selection from the cursor to another corner. Selected rows stay rows, and columns stay columns. */
export function extended(selection: GridSelection, to: Item): GridSelection {
  const { current, rows, columns } = selection;
  if (current === undefined) return cellSelection(to);
  const [col, row] = current.cell;
  const lines = (a: number, b: number) =>
    CompactSelection.fromSingleSelection([Math.min(a, b), Math.max(a, b) + 1]);
  if (rows.length > 0) return { ...NOTHING, current, rows: lines(row, to[1]) };
  if (columns.length > 0) return { ...NOTHING, current, columns: lines(col, to[0]) };
  const range = {
    x: Math.min(col, to[0]),
    y: Math.min(row, to[1]),
    width: Math.abs(to[0] - col) + 1,
    height: Math.abs(to[1] - row) + 1,
  };
  return { ...NOTHING, current: { cell: current.cell, range, rangeStack: [] } };
}

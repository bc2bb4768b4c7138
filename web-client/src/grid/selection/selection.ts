// Selections as areas and lines, and as marks that follow their lines while others edit.
import { CompactSelection, type GridSelection, type Item } from "@glideapps/glide-data-grid";
import type { Area, Lines } from "../../cells/area.ts";

export const NOTHING: GridSelection = {
  columns: CompactSelection.empty(),
  rows: CompactSelection.empty(),
};

/** One cell selected. */
export function cellSelection(cell: Item): GridSelection {
  const range = { x: cell[0], y: cell[1], width: 1, height: 1 };
  return { ...NOTHING, current: { cell, range, rangeStack: [] } };
}

/** Rows selected, with the cursor in the first of them. */
export function rowSelection(row: number, count = 1, col = 0): GridSelection {
  const rows = CompactSelection.fromSingleSelection([row, row + count]);
  return { ...cellSelection([col, row]), rows };
}

/** Columns selected, with the cursor in the first of them. */
export function columnSelection(col: number, count = 1, row = 0): GridSelection {
  const columns = CompactSelection.fromSingleSelection([col, col + count]);
  return { ...cellSelection([col, row]), columns };
}

/** Whether a cell is selected; column -1 is the column of row numbers. */
export function isSelected(selection: GridSelection, [col, row]: Item): boolean {
  if (selection.rows.hasIndex(row) || selection.columns.hasIndex(col)) return true;
  const range = selection.current?.range;
  const lines = selection.rows.length + selection.columns.length;
  if (range === undefined || lines > 0) return false;
  const inRow = row >= range.y && row < range.y + range.height;
  return inRow && col >= range.x && col < range.x + range.width;
}

function cut(lines: Lines, length: number): Lines {
  const start = Math.min(lines.start, length);
  return { start, count: Math.min(lines.count, length - start) };
}

function slices(selection: CompactSelection): Lines[] {
  return selection.items.map(([start, end]) => ({ start, count: end - start }));
}

/** The selected rectangles, cut to the sheet: whole rows, whole columns, or the range of cells. */
export function areas(selection: GridSelection, rowCount: number, colCount: number): Area[] {
  const rows = slices(selection.rows).map((lines) => {
    const { start, count } = cut(lines, rowCount);
    return { row: start, col: 0, height: count, width: colCount };
  });
  const cols = slices(selection.columns).map((lines) => {
    const { start, count } = cut(lines, colCount);
    return { row: 0, col: start, height: rowCount, width: count };
  });
  const range = selection.current?.range;
  const all = [...rows, ...cols];
  if (all.length === 0 && range !== undefined) {
    const y = cut({ start: range.y, count: range.height }, rowCount);
    const x = cut({ start: range.x, count: range.width }, colCount);
    all.push({ row: y.start, col: x.start, height: y.count, width: x.count });
  }
  return all.filter((area) => area.height > 0 && area.width > 0);
}

/** The rows for an action on rows: the selected rows, or those of the selected cells. */
export function rowsOf(selection: GridSelection): Lines[] {
  if (selection.rows.length > 0) return slices(selection.rows);
  const range = selection.current?.range;
  return range === undefined ? [] : [{ start: range.y, count: range.height }];
}

/** The columns for an action on columns. */
export function colsOf(selection: GridSelection): Lines[] {
  if (selection.columns.length > 0) return slices(selection.columns);
  const range = selection.current?.range;
  return range === undefined ? [] : [{ start: range.x, count: range.width }];
}

/** The selection on each axis as runs (start, end), for the engine to update with each change. */
export function marks(selection: GridSelection): { rows: number[]; cols: number[] } {
  const rows = selection.rows.items.flat();
  const cols = selection.columns.items.flat();
  const { current } = selection;
  if (current === undefined) return { rows, cols };
  const { cell, range } = current;
  return {
    rows: [...rows, cell[1], cell[1] + 1, range.y, range.y + range.height],
    cols: [...cols, cell[0], cell[0] + 1, range.x, range.x + range.width],
  };
}

/** The selection at the positions to which the engine has moved its marks. */
export function moved(
  selection: GridSelection,
  rows: readonly number[],
  cols: readonly number[],
): GridSelection {
  const rowSlices = selection.rows.items.length;
  const colSlices = selection.columns.items.length;
  const next = { rows: compact(rows, rowSlices), columns: compact(cols, colSlices) };
  if (selection.current === undefined) return next;
  const [row = 0, , top = 0, bottom = 0] = rows.slice(2 * rowSlices);
  const [col = 0, , left = 0, right = 0] = cols.slice(2 * colSlices);
  // A cursor that was moved out of its range is selected alone.
  if (row < top || row >= bottom || col < left || col >= right)
    return { ...next, ...cursorAt([col, row]) };
  const range = { x: left, y: top, width: right - left, height: bottom - top };
  return { ...next, current: { cell: [col, row], range, rangeStack: [] } };
}

function cursorAt(cell: Item): Pick<GridSelection, "current"> {
  const { current } = cellSelection(cell);
  return current === undefined ? {} : { current };
}

function compact(marks: readonly number[], count: number): CompactSelection {
  let selection = CompactSelection.empty();
  for (let i = 0; i < count; i++) {
    const [start = 0, end = 0] = marks.slice(2 * i, 2 * i + 2);
    selection = selection.add([start, end]);
  }
  return selection;
}

/**
 * The grid's selection with a cursor added: the grid drops the cursor when rows or columns are selected, but
 * the keyboard always needs one.
 */
export function withCursor(
  next: GridSelection,
  before: Item,
  topRow: number,
  rowCount: number,
  colCount: number,
): GridSelection {
  const clamp = ([col, row]: Item): Item => [
    Math.max(0, Math.min(col, colCount - 1)),
    Math.max(0, Math.min(row, rowCount)),
  ];
  if (next.current !== undefined) {
    const [col, row] = next.current.cell;
    const fits = col < colCount && row <= rowCount;
    return fits ? next : { ...next, ...cursorAt(clamp([col, row])) };
  }
  if (next.rows.length > 0) {
    const row = next.rows.hasIndex(before[1]) ? before[1] : (next.rows.first() ?? 0);
    return { ...next, ...cursorAt(clamp([before[0], row])) };
  }
  if (next.columns.length > 0) {
    const col = next.columns.hasIndex(before[0]) ? before[0] : (next.columns.first() ?? 0);
    return { ...next, ...cursorAt(clamp([col, topRow])) };
  }
  return cellSelection(clamp(before));
}

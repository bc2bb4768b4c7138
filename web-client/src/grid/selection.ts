// What is selected, in plain terms, and how it stays on its lines while others edit.
import { CompactSelection, type GridSelection, type Item } from "@glideapps/glide-data-grid";

/** A rectangle of cells. */
export interface Area {
  row: number;
  col: number;
  height: number;
  width: number;
}

/** A run of lines on one axis. */
export interface Lines {
  start: number;
  count: number;
}

export const NOTHING: GridSelection = {
  columns: CompactSelection.empty(),
  rows: CompactSelection.empty(),
};

/** One cell selected. */
export function cellSelection(cell: Item): GridSelection {
  const range = { x: cell[0], y: cell[1], width: 1, height: 1 };
  return { ...NOTHING, current: { cell, range, rangeStack: [] } };
}

/** One row selected. */
export function rowSelection(row: number): GridSelection {
  return { ...NOTHING, rows: CompactSelection.fromSingleSelection(row) };
}

/** One column selected. */
export function columnSelection(col: number): GridSelection {
  return { ...NOTHING, columns: CompactSelection.fromSingleSelection(col) };
}

/** Whether a cell is selected; column -1 stands for the row's number. */
export function isSelected(selection: GridSelection, [col, row]: Item): boolean {
  if (selection.rows.hasIndex(row) || selection.columns.hasIndex(col)) return true;
  const range = selection.current?.range;
  if (range === undefined) return false;
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

/** The rows that an action on rows means: selected rows, or those of the selected cells. */
export function rowsOf(selection: GridSelection): Lines[] {
  if (selection.rows.length > 0) return slices(selection.rows);
  const range = selection.current?.range;
  return range === undefined ? [] : [{ start: range.y, count: range.height }];
}

/** The columns that an action on columns means. */
export function colsOf(selection: GridSelection): Lines[] {
  if (selection.columns.length > 0) return slices(selection.columns);
  const range = selection.current?.range;
  return range === undefined ? [] : [{ start: range.x, count: range.width }];
}

/** Both ends of everything that is selected on one axis, for the engine to carry along. */
export function marks(selection: GridSelection): { rows: number[]; cols: number[] } {
  const ends = (lines: readonly Lines[]) =>
    lines.flatMap(({ start, count }) => [start, start + count - 1]);
  const rows = ends(slices(selection.rows));
  const cols = ends(slices(selection.columns));
  const { current } = selection;
  if (current === undefined) return { rows, cols };
  const { cell, range } = current;
  return {
    rows: [...rows, cell[1], range.y, range.y + range.height - 1],
    cols: [...cols, cell[0], range.x, range.x + range.width - 1],
  };
}

/** The selection with its marks where the engine has carried them. */
export function moved(
  selection: GridSelection,
  rows: readonly number[],
  cols: readonly number[],
): GridSelection {
  const rowSlices = selection.rows.items.length;
  const colSlices = selection.columns.items.length;
  const next = { rows: compact(rows, rowSlices), columns: compact(cols, colSlices) };
  if (selection.current === undefined) return next;
  const [row = 0, top = 0, bottom = 0] = rows.slice(2 * rowSlices);
  const [col = 0, left = 0, right = 0] = cols.slice(2 * colSlices);
  const range = span(left, right, top, bottom);
  return { ...next, current: { cell: [col, row], range, rangeStack: [] } };
}

function compact(marks: readonly number[], count: number): CompactSelection {
  let selection = CompactSelection.empty();
  for (let i = 0; i < count; i++) {
    const [a = 0, b = 0] = marks.slice(2 * i, 2 * i + 2);
    // A line that was moved away may have turned the ends around.
    selection = selection.add([Math.min(a, b), Math.max(a, b) + 1]);
  }
  return selection;
}

function span(left: number, right: number, top: number, bottom: number) {
  const [x, y] = [Math.min(left, right), Math.min(top, bottom)];
  return { x, y, width: Math.abs(right - left) + 1, height: Math.abs(bottom - top) + 1 };
}

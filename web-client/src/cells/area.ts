// Places on a sheet: rectangles of cells, and runs of rows or columns.

/** A rectangle of cells. */
export interface Area {
  row: number;
  col: number;
  height: number;
  width: number;
}

/** A run of lines (rows or columns) on one axis. */
export interface Lines {
  start: number;
  count: number;
}

/** More lines than a sheet can have: an area of this length covers the whole row or column. */
const ALL_LINES = 0xffff_ffff;

export function oneCell(row: number, col: number): Area {
  return { row, col, height: 1, width: 1 };
}

export function wholeRow(row: number): Area {
  return { row, col: 0, height: 1, width: ALL_LINES };
}

export function wholeColumn(col: number): Area {
  return { row: 0, col, height: ALL_LINES, width: 1 };
}

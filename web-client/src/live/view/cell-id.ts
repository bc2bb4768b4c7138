// Cells by the ids of their row and column, which stay while lines move.
//
// Invariant: a position that is found here is that of the view; a row that is not loaded is not found here.
import type { Column } from "../../gen/gridloom/v1/values_pb.ts";
import type { Cell } from "./people.ts";
import type { Layout } from "./sheet-view.ts";
import type { Rows } from "./viewport.ts";

export interface CellId {
  rowId: bigint;
  columnId: string;
}

/** The part of an open sheet that finds cells. */
interface Lines {
  layout: { get(): Pick<Layout, "columns"> };
  rowIds(rows: Rows): BigUint64Array;
  rowOf(id: bigint): number | undefined;
}

/** The position of a column; undefined when it is deleted. */
export function colOf(columns: readonly Pick<Column, "id">[], id: string): number | undefined {
  const col = columns.findIndex((column) => column.id === id);
  return col < 0 ? undefined : col;
}

/** The ids of a cell; undefined while the row is not loaded, and until the server has saved a new row or column. */
export function cellIdOf(sheet: Lines, { row, col }: Cell): CellId | undefined {
  const columnId = sheet.layout.get().columns[col]?.id;
  const [rowId] = sheet.rowIds({ start: row, count: 1 });
  return columnId && rowId ? { rowId, columnId } : undefined;
}

/** Where a cell of a loaded row is. */
export function cellOf(sheet: Lines, { rowId, columnId }: CellId): Cell | undefined {
  const col = colOf(sheet.layout.get().columns, columnId);
  const row = sheet.rowOf(rowId);
  return row === undefined || col === undefined ? undefined : { row, col };
}

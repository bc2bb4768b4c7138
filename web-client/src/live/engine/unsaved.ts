// Reads the engine's list of cells with unsaved edits.
import { columnTitle } from "../../cells/column-names.ts";
import { type CellValue, exactText } from "../../cells/values.ts";
import type { Column } from "../../gen/gridloom/v1/values_pb.ts";
import type { UnsavedCell } from "./unsaved-csv.ts";

/** Reads a flat list: row, column, value, row, column, value, ... In the result, rows count from 1. */
export function readUnsaved(
  flat: readonly (number | CellValue)[],
  columns: readonly Column[],
): UnsavedCell[] {
  const cells: UnsavedCell[] = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const [row, col] = [Number(flat[i]), Number(flat[i + 1])];
    const text = exactText(flat[i + 2] ?? null);
    cells.push({ row: row + 1, column: columnTitle(columns[col], col), text });
  }
  return cells;
}

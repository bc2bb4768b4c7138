// The engine's list of cells that are not saved, as a person reads them.
import { columnTitle } from "../../cells/column-names.ts";
import { type CellValue, formatValue } from "../../cells/values.ts";
import type { Column } from "../../gen/gridloom/v1/values_pb.ts";
import type { UnsavedCell } from "./unsaved-csv.ts";

/** Reads row, column, value, row, column, value, ...; rows count from 1, as on the screen. */
export function readUnsaved(
  told: readonly (number | CellValue)[],
  columns: readonly Column[],
): UnsavedCell[] {
  const cells: UnsavedCell[] = [];
  for (let i = 0; i + 2 < told.length; i += 3) {
    const [row, col] = [Number(told[i]), Number(told[i + 1])];
    const text = formatValue(told[i + 2] ?? null);
    cells.push({ row: row + 1, column: columnTitle(columns[col], col), text });
  }
  return cells;
}

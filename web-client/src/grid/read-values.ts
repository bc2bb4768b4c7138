// Reads what areas of the sheet hold, also those that are not loaded yet.
import type { Hold } from "../live/hold.ts";
import type { LiveSheet } from "../live/live-sheet.ts";
import type { Area } from "./selection.ts";
import type { CellValue } from "./values.ts";

/** How long to wait for rows that are not loaded. */
const LOAD_MILLIS = 15_000;

/** The values of an area, or undefined while a cell of it is not loaded. */
export function readValues(
  sheet: LiveSheet,
  { row, col, height, width }: Area,
): CellValue[][] | undefined {
  const rows: CellValue[][] = [];
  for (let y = row; y < row + height; y++) {
    const values: CellValue[] = [];
    for (let x = col; x < col + width; x++) {
      const value = sheet.cell(y, x);
      if (value === undefined) return undefined;
      values.push(value);
    }
    rows.push(values);
  }
  return rows;
}

/**
 * Has a held area loaded and reads it, wherever others move it meanwhile. Undefined when time runs
 * out, or when a part of the hold is lost.
 */
export async function whenLoaded(
  sheet: LiveSheet,
  hold: Hold,
  area: () => Area | undefined,
): Promise<CellValue[][] | undefined> {
  const rows = () => {
    const now = hold.loss() === undefined ? area() : undefined;
    return now && { start: now.row, count: now.height };
  };
  return sheet.whileSeeing(rows, LOAD_MILLIS, () => {
    const now = area();
    return now && readValues(sheet, now);
  });
}

// Reads the values of areas, and loads areas that are not loaded yet.
import type { Area } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";

/** Milliseconds to wait for rows that are not loaded. */
const LOAD_MILLIS = 15_000;

/** The values of an area; undefined while one of its cells is not loaded. */
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

/** The same for several areas; also undefined when one of them is lost. */
export function readAll(
  sheet: LiveSheet,
  all: readonly (Area | undefined)[],
): CellValue[][][] | undefined {
  const blocks: CellValue[][][] = [];
  for (const area of all) {
    const values = area && readValues(sheet, area);
    if (values === undefined) return undefined;
    blocks.push(values);
  }
  return blocks;
}

/**
 * Loads a held area, also while others move it, and calls `use` with its values as soon as they are loaded.
 * Undefined after a timeout, or when a part of the hold is lost.
 */
export async function whenLoaded<T>(
  sheet: LiveSheet,
  hold: Hold,
  area: () => Area | undefined,
  use: (values: CellValue[][], area: Area) => T,
): Promise<T | undefined> {
  const rows = () => {
    const now = hold.loss() === undefined ? area() : undefined;
    return now && { start: now.row, count: now.height };
  };
  return sheet.withRowsLoaded(rows, LOAD_MILLIS, () => {
    const now = area();
    const values = now && readValues(sheet, now);
    return values && use(values, now);
  });
}

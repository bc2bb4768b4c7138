// Divides rows into pieces that fit into one edit each (see edit-limits.ts).
import type { Lines } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import type { EditLimits } from "../../live/engine/edit-limits.ts";

/** The most bytes of a cell in a message without its text. */
const CELL_BYTES = 12;
const encoder = new TextEncoder();

/** The most bytes of a row in a message. */
export function rowBytes(row: readonly CellValue[]): number {
  let bytes = 0;
  for (const value of row)
    bytes += CELL_BYTES + (typeof value === "string" ? encoder.encode(value).length : 0);
  return bytes;
}

/** Runs of rows that fit into one edit each; a row that exceeds the limits is a run of its own. */
export function pieces(weights: readonly number[], width: number, limits: EditLimits): Lines[] {
  const runs: Lines[] = [];
  let [cells, bytes] = [0, 0];
  for (const [row, weight] of weights.entries()) {
    const last = runs.at(-1);
    cells += width;
    bytes += weight;
    if (last !== undefined && cells <= limits.cells && bytes <= limits.bytes) last.count++;
    else {
      runs.push({ start: row, count: 1 });
      [cells, bytes] = [width, weight];
    }
  }
  return runs;
}

// Which rows go into one edit (see budget.ts).
import type { Lines } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import type { Budget } from "../../live/engine/budget.ts";

/** Bytes of a cell in a message beside those of its text, at most. */
const CELL_BYTES = 12;
const encoder = new TextEncoder();

/** The bytes of a row in a message, at most. */
export function weigh(row: readonly CellValue[]): number {
  let bytes = 0;
  for (const value of row)
    bytes += CELL_BYTES + (typeof value === "string" ? encoder.encode(value).length : 0);
  return bytes;
}

/** Runs of rows that fit into one edit each; a row that is too large alone stands alone. */
export function pieces(weights: readonly number[], width: number, budget: Budget): Lines[] {
  const runs: Lines[] = [];
  let [cells, bytes] = [0, 0];
  for (const [row, weight] of weights.entries()) {
    const last = runs.at(-1);
    cells += width;
    bytes += weight;
    if (last !== undefined && cells <= budget.cells && bytes <= budget.bytes) last.count++;
    else {
      runs.push({ start: row, count: 1 });
      [cells, bytes] = [width, weight];
    }
  }
  return runs;
}

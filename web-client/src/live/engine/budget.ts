// How much one edit may have: the server bounds its cells and the bytes of its message.
import type { Engine } from "./engine.ts";

/** What one edit may have. */
export interface Budget {
  cells: number;
  bytes: number;
}

/** What one edit may have while the server's limits are not known. */
const LEAST_EDIT_CELLS = 5_000;
const LEAST_MESSAGE_BYTES = 1_048_576;
/** How much of a message the cells of an edit fill: the rest is for what is around them. */
const MESSAGE_FILLED = 0.75;

export function budgetOf(engine: Engine): Budget {
  const cells = engine.editCells() || LEAST_EDIT_CELLS;
  const bytes = engine.messageBytes() || LEAST_MESSAGE_BYTES;
  return { cells, bytes: bytes * MESSAGE_FILLED };
}

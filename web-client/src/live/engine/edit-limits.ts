// The size limits of one edit: the server limits its cells and the bytes of its message.
import type { Engine } from "./engine.ts";

/** The most cells and bytes of one edit. */
export interface EditLimits {
  cells: number;
  bytes: number;
}

/** The limits until the server has sent its own. */
const LEAST_EDIT_CELLS = 5_000;
const LEAST_MESSAGE_BYTES = 1_048_576;
/** The share of a message for the cells of an edit; the rest is for its other fields. */
const MESSAGE_FILLED = 0.75;

export function editLimits(engine: Engine): EditLimits {
  const cells = engine.editCells() || LEAST_EDIT_CELLS;
  const bytes = engine.messageBytes() || LEAST_MESSAGE_BYTES;
  return { cells, bytes: bytes * MESSAGE_FILLED };
}

// The id of a new comment, which makes it once: a repeated attempt with the same text on the same cell has the same id.
// It is kept with the draft, so this also holds after a reload.
import { newId } from "../../../base/ids.ts";
import type { CellId } from "../../../live/view/cell-id.ts";
import type { Draft } from "../../conversation/thread/kept.ts";

export interface Attempt {
  clientId: string;
  /** What was sent: the cell and the text. */
  sent: string;
}

/** A draft with the last attempt to send it. */
export interface TriedDraft extends Draft {
  attempt?: Attempt;
}

/** The attempt to send a draft on a cell: the last one again if it was the same. */
export function attemptOf({ text, attempt }: TriedDraft, { rowId, columnId }: CellId): Attempt {
  const sent = `${rowId}.${columnId}.${text}`;
  return attempt?.sent === sent ? attempt : { clientId: newId(), sent };
}

// The id of a new comment, which makes it once: a repeated attempt with the same text on the same cell has the same id.
// It is kept with the draft, so this also holds after a reload, and a draft whose comment is made is known by it.

import { newId } from "../../../base/ids.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
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

/** Whether a draft has the text of a comment that is made, which a page before this one has sent. */
export function isMade(
  { text, attempt }: TriedDraft,
  made: ReadonlySet<string>,
  comments: readonly Comment[],
): boolean {
  if (attempt === undefined || attempt.sent.split(".").slice(2).join(".") !== text) return false;
  const isIt = ({ first }: Comment) => first?.clientId.replaceAll("-", "") === attempt.clientId;
  return made.has(attempt.clientId) || comments.some(isIt);
}

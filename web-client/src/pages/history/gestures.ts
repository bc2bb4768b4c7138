// The edits of one gesture as one entry of the history: a paste that adds rows, a deletion of several parts.
//
// Not what a change did: see `change-text`. Invariant: each change is in one entry, in the order of the list.
import type { ChangeRecord } from "../../gen/gridloom/v1/history_pb.ts";
import { ChangeOrigin } from "../../gen/gridloom/v1/values_pb.ts";
import { joined, summary, summaryOfAll } from "./change-text.ts";
import type { Where } from "./places/columns-before.ts";

/** Parts of a gesture that are named one by one. */
const NAMED_MOST = 3;

export interface Entry {
  /** The last change of the gesture: the sheet after it is the one to look at. */
  readonly change: ChangeRecord;
  readonly text: string;
  /** The numbers of its changes, by which an undo names them. */
  readonly revisions: string;
}

function isOneGesture(newer: ChangeRecord, older: ChangeRecord): boolean {
  return (
    newer.group !== 0n &&
    newer.group === older.group &&
    newer.authorId === older.authorId &&
    newer.origin === older.origin
  );
}

/** What was done in a gesture; `parts`: the newest first. */
function textOf(parts: readonly ChangeRecord[], texts: readonly string[]): string {
  const isRestore = parts[0]?.origin === ChangeOrigin.RESTORE && parts.length > 1;
  if (isRestore || parts.length > NAMED_MOST) return summaryOfAll(parts);
  return joined(texts.toReversed());
}

/** "revision 6", "revisions 4 to 6"; `parts`: the newest first. */
function revisionsOf(parts: readonly ChangeRecord[]): string {
  const [newest, oldest] = [parts.at(0)?.revision, parts.at(-1)?.revision];
  return newest === oldest ? `revision ${newest}` : `revisions ${oldest} to ${newest}`;
}

/** The entries of a list of changes, the newest first; `where`: their places, as far as they are known. */
export function entriesOf(
  changes: readonly ChangeRecord[],
  where: readonly (Where | undefined)[],
): Entry[] {
  const entries: Entry[] = [];
  for (let first = 0; first < changes.length; ) {
    const change = changes[first];
    if (change === undefined) break;
    let end = first + 1;
    for (let next = changes[end]; next !== undefined && isOneGesture(change, next); )
      next = changes[++end];
    const parts = changes.slice(first, end);
    const texts = parts.map((part, at) => summary(part, where[first + at]));
    entries.push({ change, text: textOf(parts, texts), revisions: revisionsOf(parts) });
    first = end;
  }
  return entries;
}

// The other people on a sheet: their names, colours, cursors and selections.
//
// Invariant: an account is one person, however many sessions it has: windows, or one that has ended without the
// server's knowledge. Its place is that of the session that moved last.
import { fromBinary } from "@bufbuild/protobuf";
import { colorOf, noteColor } from "../../base/person-color.ts";
import type { Area } from "../../cells/area.ts";
import { type Participant, PresenceChangeSchema } from "../../gen/gridloom/v1/live_pb.ts";
import type { Activity } from "./activity.ts";

export interface Cell {
  row: number;
  col: number;
}

export interface Person {
  /** The account. */
  id: string;
  name: string;
  color: string;
  /** Whether it is the account of this page, in another window. */
  isOwn: boolean;
  /** No move, selection or edit for some minutes, or away. */
  isIdle: boolean;
  /** All windows of the person are hidden. */
  isAway: boolean;
  /** Undefined until a session has sent it. */
  cursor: Cell | undefined;
  selected: readonly Area[];
  /** The cell that the person edits. */
  editing: Cell | undefined;
}

/** The session that shows where a person is: one with a cursor, and among those the last that moved. */
function placed(sessions: readonly Participant[], activity: Activity): Participant | undefined {
  const order = (a: Participant, b: Participant) =>
    Number(b.cursor !== undefined) - Number(a.cursor !== undefined) ||
    activity.lastOf(b.sessionId) - activity.lastOf(a.sessionId) ||
    (a.sessionId < b.sessionId ? -1 : 1);
  return [...sessions].sort(order)[0];
}

function toPerson(
  sessions: readonly Participant[],
  own: string,
  activity: Activity,
): Person | undefined {
  const place = placed(sessions, activity);
  if (place === undefined) return undefined;
  const { accountId, displayName, cursor, selections, editing, color } = place;
  noteColor(accountId, color);
  return {
    id: accountId,
    name: displayName === "" ? "Someone" : displayName,
    color: colorOf(accountId),
    isOwn: accountId === own,
    isIdle: sessions.every(({ sessionId, away }) => away || activity.isIdle(sessionId)),
    isAway: sessions.every(({ away }) => away),
    cursor: cursor && { row: cursor.row, col: cursor.col },
    selected: selections.flatMap(({ rows, cols }) =>
      rows === undefined || cols === undefined
        ? []
        : [{ row: rows.start, col: cols.start, height: rows.count, width: cols.count }],
    ),
    editing: editing && { row: editing.row, col: editing.col },
  };
}

/**
 * Reads an encoded `PresenceChange` with all other sessions into people: active ones first, then by account. `own` is
 * the account of this page.
 */
export function readPeople(bytes: Uint8Array, own: string, activity: Activity): Person[] {
  const { present } = fromBinary(PresenceChangeSchema, bytes);
  activity.keep(present);
  const accounts = new Map<string, Participant[]>();
  for (const session of present)
    accounts.set(session.accountId, [...(accounts.get(session.accountId) ?? []), session]);
  const people = [...accounts.values()].flatMap(
    (sessions) => toPerson(sessions, own, activity) ?? [],
  );
  // Not by name: no text that a person reads is sorted here. An id keeps each person in place as others come and leave.
  return people.sort((a, b) => Number(a.isIdle) - Number(b.isIdle) || (a.id < b.id ? -1 : 1));
}

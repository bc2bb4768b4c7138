// The other people on a sheet: their names, colours, cursors and selections.
import { fromBinary } from "@bufbuild/protobuf";
import type { Area } from "../../cells/area.ts";
import { type Participant, PresenceChangeSchema } from "../../gen/gridloom/v1/live_pb.ts";

export interface Person {
  /** The session id: one person may have several tabs. */
  id: string;
  accountId: string;
  name: string;
  color: string;
  /** Undefined until their session has sent it. */
  cursor: { row: number; col: number } | undefined;
  selected: readonly Area[];
}

/** Colours with enough contrast on a light and a dark background. */
const COLORS = ["#d9480f", "#2b8a3e", "#9c36b5", "#0c8599", "#c2255c", "#5f3dc4", "#e67700"];

/** An account's colour: the same in every tab and on every machine. */
export function colorOf(accountId: string): string {
  let sum = 0;
  for (const character of accountId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[sum % COLORS.length] ?? "#5f3dc4";
}

function toPerson(participant: Participant): Person {
  const { sessionId, accountId, displayName, cursor, selections } = participant;
  return {
    id: sessionId,
    accountId,
    name: displayName === "" ? "Someone" : displayName,
    color: colorOf(accountId),
    cursor: cursor && { row: cursor.row, col: cursor.col },
    selected: selections.flatMap(({ rows, cols }) =>
      rows === undefined || cols === undefined
        ? []
        : [{ row: rows.start, col: cols.start, height: rows.count, width: cols.count }],
    ),
  };
}

/** Reads an encoded `PresenceChange` into people sorted by name. */
export function readPeople(bytes: Uint8Array): Person[] {
  const people = fromBinary(PresenceChangeSchema, bytes).present.map(toPerson);
  return people.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

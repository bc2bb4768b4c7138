// Which thread a conversation shows, and the fields of a request that name it.

export type Target =
  | { kind: "sheet"; sheetId: string }
  | { kind: "person"; personId: string }
  | { kind: "thread"; threadId: string; sheetId: string };

/** Exactly one of the three is not empty. */
export interface Place {
  sheetId: string;
  personId: string;
  threadId: string;
}

export function placeOf(target: Target): Place {
  const none = { sheetId: "", personId: "", threadId: "" };
  switch (target.kind) {
    case "sheet":
      return { ...none, sheetId: target.sheetId };
    case "person":
      return { ...none, personId: target.personId };
    case "thread":
      return { ...none, threadId: target.threadId };
  }
}

/** A name of the thread that is the same after a reload. */
export function keyOf(target: Target): string {
  const { sheetId, personId, threadId } = placeOf(target);
  return `${target.kind}:${sheetId}${personId}${threadId}`;
}

/** The sheet whose people can be mentioned; undefined between two persons. */
export function sheetOf(target: Target): string | undefined {
  return target.kind === "person" ? undefined : target.sheetId;
}

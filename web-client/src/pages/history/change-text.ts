// Describes a change in one line, for the history panel.
import type { ChangeRecord } from "../../gen/gridloom/v1/history_pb.ts";
import { ChangeOrigin } from "../../gen/gridloom/v1/values_pb.ts";

function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count.toLocaleString()} ${one}s`;
}

/** The parts of a change; those of rows and columns are first. */
export function parts(change: ChangeRecord): string[] {
  const all: [number, string, string][] = [
    [change.rowsInserted, "Inserted", "row"],
    [change.rowsDeleted, "Deleted", "row"],
    [change.rowsMoved, "Moved", "row"],
    [change.colsInserted, "Inserted", "column"],
    [change.colsDeleted, "Deleted", "column"],
    [change.colsMoved, "Moved", "column"],
    [change.columnsAltered, "Changed", "column"],
    [change.cellsSet, "Set", "cell"],
  ];
  return all
    .filter(([count]) => count > 0)
    .map(([count, verb, noun]) => `${verb} ${counted(count, noun)}`);
}

/** A change in one line. */
export function summary(change: ChangeRecord): string {
  const done = parts(change);
  const [first = "No effect", ...others] = done;
  const what = [first, ...others.map(lowered)].join(", ");
  switch (change.origin) {
    case ChangeOrigin.UNDO:
      return `Undid revision ${change.targetRevision}: ${lowered(what)}`;
    case ChangeOrigin.REDO:
      return `Redid revision ${change.targetRevision}: ${lowered(what)}`;
    case ChangeOrigin.RESTORE:
      return `Restored an older version: ${lowered(what)}`;
    default:
      return what;
  }
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** "10:04" today, "Mar 4, 10:04" on other days. */
export function timeText(micros: bigint, now: Date): string {
  const at = new Date(Number(micros / 1000n));
  const sameDay = at.toDateString() === now.toDateString();
  return at.toLocaleString(undefined, {
    ...(sameDay ? {} : { month: "short", day: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  });
}

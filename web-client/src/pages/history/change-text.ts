// Describes a change in one line, for the history panel: with its place where that is known, else with numbers.
import { columnLetters, columnTitle } from "../../cells/column-names.ts";
import type { ChangeRecord } from "../../gen/gridloom/v1/history_pb.ts";
import { ChangeOrigin, type ColumnEdit } from "../../gen/gridloom/v1/values_pb.ts";
import { KINDS } from "../../grid/draw/columns.ts";
import type { Where } from "./places/columns-before.ts";
import { areaText, axisTexts, columnAxis, ROWS } from "./places/place-text.ts";

function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count.toLocaleString()} ${one}s`;
}

/** The parts of changes in numbers; those of rows and columns are first. */
function counts(changes: readonly ChangeRecord[]): string[] {
  const sum = (count: (change: ChangeRecord) => number) =>
    changes.reduce((total, change) => total + count(change), 0);
  const all: [number, string, string][] = [
    [sum((change) => change.rowsInserted), "Inserted", "row"],
    [sum((change) => change.rowsDeleted), "Deleted", "row"],
    [sum((change) => change.rowsMoved), "Moved", "row"],
    [sum((change) => change.colsInserted), "Inserted", "column"],
    [sum((change) => change.colsDeleted), "Deleted", "column"],
    [sum((change) => change.colsMoved), "Moved", "column"],
    [sum((change) => change.columnsAltered), "Changed", "column"],
    [sum((change) => change.cellsSet), "Set", "cell"],
  ];
  return all
    .filter(([count]) => count > 0)
    .map(([count, verb, noun]) => `${verb} ${counted(count, noun)}`);
}

/** What a column has got besides a name. */
function newOf({ kind, settings, width }: ColumnEdit): string[] {
  const label = KINDS.find((known) => known.kind === kind)?.label;
  return [
    ...(label === undefined ? [] : [`kind ${label}`]),
    ...(settings === undefined ? [] : ["other settings"]),
    ...(width === undefined ? [] : [width === 0 ? "the usual width" : `width ${width}`]),
  ];
}

/** A new name, kind or width of a column. The former ones are in no change. */
function alteredText(edits: readonly ColumnEdit[], { after }: Where): string {
  const [edit, ...others] = edits;
  if (edit === undefined || others.length > 0) return `Changed ${counted(edits.length, "column")}`;
  const { col, name } = edit;
  const parts = newOf(edit);
  const column = `column ${columnLetters(col)}`;
  if (name === "") return [`Removed the name of ${column}`, ...parts].join(", ");
  if (name !== undefined) return [`Named ${column} “${name}”`, ...parts].join(", ");
  const what = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  return `Changed column ${columnTitle(after[col], col)}${what}`;
}

/** The parts of a change with their places. */
function named({ cellsSet }: ChangeRecord, where: Where): string[] {
  const { places, before, after } = where;
  const parts = [
    ...axisTexts(places.rows, ROWS),
    ...axisTexts(places.cols, columnAxis(before, after)),
  ];
  if (places.columns.length > 0) parts.push(alteredText(places.columns, where));
  if (places.cells === undefined) return parts;
  const verb = places.isClearing ? "Cleared" : "Set";
  const area = areaText(places.cells, after);
  parts.push(
    cellsSet === 1 ? `${verb} ${area}` : `${verb} ${counted(cellsSet, "cell")} in ${area}`,
  );
  return parts;
}

/** A change in one line. */
export function summary(change: ChangeRecord, where?: Where): string {
  const what = joined(where === undefined ? counts([change]) : named(change, where));
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

/** Changes of one origin that belong together, in numbers. */
export function summaryOfAll(changes: readonly ChangeRecord[]): string {
  const what = joined(counts(changes));
  switch (changes[0]?.origin) {
    case ChangeOrigin.UNDO:
      return `Undid ${targets(changes)}: ${lowered(what)}`;
    case ChangeOrigin.REDO:
      return `Redid ${targets(changes)}: ${lowered(what)}`;
    case ChangeOrigin.RESTORE:
      return `Restored an older version: ${lowered(what)}`;
    default:
      return what;
  }
}

/** The revisions that were taken back, from the first to the last. */
function targets(changes: readonly ChangeRecord[]): string {
  const revisions = changes.map((change) => change.targetRevision);
  const [first] = revisions.toSorted((left, right) => (left < right ? -1 : 1));
  const [last] = revisions.toSorted((left, right) => (left > right ? -1 : 1));
  return `revisions ${first} to ${last}`;
}

/** The parts of a change as one line. */
export function joined([first = "No effect", ...others]: readonly string[]): string {
  return [first, ...others.map(lowered)].join(", ");
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

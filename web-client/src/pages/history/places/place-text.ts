// The names of rows, columns and cells in the history, as they stand on the sheet after the change.
import { count, plural } from "../../../base/text.ts";
import type { Area, Lines } from "../../../cells/area.ts";
import { columnLetters, columnTitle } from "../../../cells/column-names.ts";
import type { Columns } from "./columns-before.ts";
import type { AxisPlaces, Move } from "./delta-places.ts";

/** The lines of one axis in words. */
export interface Axis {
  one: "row" | "column";
  /** The name of the line at a position before the change, and after it. */
  before: (at: number) => string;
  after: (at: number) => string;
}

export const ROWS: Axis = {
  one: "row",
  before: (at) => count(at + 1),
  after: (at) => count(at + 1),
};

export function columnAxis(before: Columns, after: Columns): Axis {
  const named = (columns: Columns) => (at: number) => columnTitle(columns[at], at);
  return { one: "column", before: named(before), after: named(after) };
}

function further(places: readonly unknown[]): string {
  const others = places.length - 1;
  return others === 0 ? "" : ` and ${plural(others, "other place")}`;
}

/** "row 5", "2 rows at 5", "4 rows at 5 and 1 other place". */
function linesText(all: readonly Lines[], one: string, name: (at: number) => string): string {
  const [first] = all;
  if (first === undefined) return "";
  const number = all.reduce((sum, lines) => sum + lines.count, 0);
  if (number === 1) return `${one} ${name(first.start)}`;
  return `${plural(number, one)} at ${name(first.start)}${further(all)}`;
}

/** "row 5 to 9", "2 rows from 5 to 9". */
function movesText(all: readonly Move[], { one, before, after }: Axis): string {
  const [first] = all;
  if (first === undefined) return "";
  const number = all.reduce((sum, { from }) => sum + from.count, 0);
  // A column keeps its name at its new place, so the place has letters.
  const to = one === "column" ? columnLetters(first.to) : after(first.to);
  const what = number === 1 ? `${one} ` : `${plural(number, one)} from `;
  return `${what}${before(first.from.start)} to ${to}${further(all)}`;
}

/** What happened to the lines of one axis: "Inserted 2 rows at 5". */
export function axisTexts({ inserted, deleted, moved }: AxisPlaces, axis: Axis): string[] {
  const parts: [string, string][] = [
    ["Inserted", linesText(inserted, axis.one, axis.after)],
    ["Deleted", linesText(deleted, axis.one, axis.before)],
    ["Moved", movesText(moved, axis)],
  ];
  return parts.filter(([, text]) => text !== "").map(([verb, text]) => `${verb} ${text}`);
}

/** "B3", "B2:C3"; with columns that have another name than their letters "Price · row 3", "Price–Count · rows 2–3". */
export function areaText({ row, col, height, width }: Area, columns: Columns): string {
  const end = { row: row + height, col: col + width - 1 };
  const isOne = height === 1 && width === 1;
  const title = (at: number) => columnTitle(columns[at], at);
  const isNamed = [col, end.col].some((at) => title(at) !== columnLetters(at));
  if (!isNamed) {
    const first = `${columnLetters(col)}${row + 1}`;
    return isOne ? first : `${first}:${columnLetters(end.col)}${end.row}`;
  }
  const across = width === 1 ? title(col) : `${title(col)}–${title(end.col)}`;
  const down = height === 1 ? `row ${count(end.row)}` : `rows ${count(row + 1)}–${count(end.row)}`;
  return `${across} · ${down}`;
}

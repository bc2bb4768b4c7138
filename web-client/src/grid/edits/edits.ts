// The edits behind the gestures on the grid. A gesture is one edit where the server's limits allow it, else a group of
// edits: one undo takes it back.
import type { Area, Lines } from "../../cells/area.ts";
import { type CellValue, sameValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { Gesture } from "../../live/engine/engine.ts";
import type { Texts } from "../../live/engine/texts.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import { columnSelection, rowSelection } from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import { mergedOptions, removalSteps } from "./merged-text.ts";
import { pieces, rowBytes } from "./pieces.ts";
import { notifyRefused } from "./refused-values.ts";
import { makeSteps, newParts, partText } from "./steps.ts";
import { tile } from "./tile.ts";

/** The most cells that one paste, fill or clear may change. */
const MOST_CELLS = 500_000;

function tooMany(cells: number): boolean {
  if (cells <= MOST_CELLS) return false;
  const most = MOST_CELLS.toLocaleString();
  showToast(
    "error",
    `That is too many cells at once: the limit is ${most}. Import a CSV file instead.`,
  );
  return true;
}

/** Clears areas, as a part of a gesture. False when not all of them were cleared, after a notice. */
export function clearAreas(sheet: LiveSheet, all: readonly Area[], parts = newParts()): boolean {
  const total = cellsOf(all);
  if (tooMany(total)) return false;
  const { cells } = sheet.editLimits();
  const edits = batched(
    all.flatMap((area) => rowBlocks(area, cells)),
    cells,
  );
  const steps = edits.map((edit) => (gesture: Gesture) => {
    for (const { row, col, height, width } of edit) gesture.clear(row, col, height, width);
  });
  const stopped = (made: number) =>
    partText(cellsOf(edits.slice(0, made).flat()), total, "cells", "cleared");
  return makeSteps(sheet, steps, stopped, parts) === steps.length;
}

function cellsOf(all: readonly Area[]): number {
  return all.reduce((sum, area) => sum + area.height * area.width, 0);
}

/** Splits an area into blocks of whole rows with at most `cells` cells each. */
function rowBlocks(area: Area, cells: number): Area[] {
  const step = Math.max(1, Math.floor(cells / area.width));
  const count = Math.ceil(area.height / step);
  return Array.from({ length: count }, (_, i) => ({
    ...area,
    row: area.row + i * step,
    height: Math.min(step, area.height - i * step),
  }));
}

/** Groups areas into edits with at most `most` cells each. */
function batched(parts: readonly Area[], most: number): Area[][] {
  const edits: Area[][] = [];
  let room = 0;
  for (const part of parts) {
    const cells = part.height * part.width;
    if (cells > room || edits.length === 0) {
      edits.push([]);
      room = most;
    }
    edits.at(-1)?.push(part);
    room -= cells;
  }
  return edits;
}

/** Sets one cell, without an edit if it has that value already. False when the edit is refused. */
export function typeCell(sheet: LiveSheet, row: number, col: number, value: CellValue): boolean {
  if (sameValue(sheet.cell(row, col), value)) return true;
  return sheet.edit((engine) => engine.setCells(row, col, 1, [value]));
}

/** Whether a cell is a checkbox for the keyboard: an answer in any column, and an empty cell of a column of checkboxes. */
export function isCheckbox(sheet: LiveSheet, row: number, col: number): boolean {
  const { columns, rowCount } = sheet.layout.get();
  const value = sheet.cell(row, col);
  const isEmpty = value === null && row < rowCount && columns[col]?.kind === ColumnKind.BOOL;
  return isEmpty || typeof value === "boolean";
}

/** Toggles a checkbox; a cell with any other value stays as it is. */
export function toggle(sheet: LiveSheet, row: number, col: number): boolean {
  const value = sheet.cell(row, col);
  const isCheckbox = value === null || typeof value === "boolean";
  return isCheckbox && typeCell(sheet, row, col, value !== true);
}

/** Changes a text step by step, as one edit. */
function typeTexts(
  sheet: LiveSheet,
  row: number,
  col: number,
  from: string,
  steps: readonly string[],
): boolean {
  return sheet.edit((engine) => {
    let last = from;
    for (const next of steps) {
      engine.typeText(row, col, last, next);
      last = next;
    }
  });
}

/** Changes a text that was opened as `from`: only the difference is sent, so it merges with other edits. */
export function retypeCell(
  sheet: LiveSheet,
  row: number,
  col: number,
  from: string,
  to: string,
): boolean {
  return from === to || typeTexts(sheet, row, col, from, [to]);
}

/**
 * Changes the options of a cell that was opened as `from`: those that were added and those that were removed, so it merges with
 * other edits.
 */
export function retagCell(
  sheet: LiveSheet,
  row: number,
  col: number,
  from: string,
  to: string,
): boolean {
  const present = sheet.cell(row, col);
  const value = present === null ? "" : present;
  const set = (text: string) => typeCell(sheet, row, col, text === "" ? null : text);
  if (typeof value !== "string") return set(to);
  const merged = mergedOptions(from, to, value);
  // Without edits of others, the typed order counts, too.
  if (merged === undefined || (value === from && merged.text !== to)) return set(to);
  const { left, text } = merged;
  if (text === value) return true;
  const steps = removalSteps(value, left);
  // Where whole options can't be removed alone, the text is set: an edit of others on its way is a conflict, with its notice.
  if (steps === undefined) return set(text);
  // The engine joins the steps: whole options are removed, and others added at the end.
  return typeTexts(sheet, row, col, value, [...steps, text]);
}

/** Appends a row to the sheet and sets one of its cells, as one edit. */
export function typeNewRow(sheet: LiveSheet, col: number, value: CellValue): boolean {
  if (value === null) return true;
  const { rowCount } = sheet.layout.get();
  return sheet.make((gesture) => {
    gesture.insertRows(rowCount, 1);
    gesture.setCells(rowCount, col, 1, [value]);
  });
}

function roomText(rows: number, cols: number): string {
  const parts = [];
  if (rows > 0) parts.push(rows === 1 ? "1 row" : `${rows.toLocaleString()} rows`);
  if (cols > 0) parts.push(cols === 1 ? "1 column" : `${cols.toLocaleString()} columns`);
  return `Added ${parts.join(" and ")} to make room.`;
}

/**
 * Writes a rectangle of values, as one edit where the server's limits allow it. The same edit adds the lines
 * that are missing at the end of the sheet. Nothing is written where a column refuses a value. Returns the written area: its
 * first rows when a later edit was refused, undefined when the first edit was. `verb` names the gesture in notices.
 */
function write(
  sheet: LiveSheet,
  at: Area,
  rows: readonly (readonly CellValue[])[],
  verb: string,
): Area | undefined {
  if (notifyRefused(sheet, at, rows, verb)) return undefined;
  const { rowCount, columns } = sheet.layout.get();
  const [moreRows, moreCols] = [at.row + at.height - rowCount, at.col + at.width - columns.length];
  const parts = pieces(rows.map(rowBytes), at.width, sheet.editLimits());
  const steps = parts.map(({ start, count }, i) => (gesture: Gesture) => {
    if (i === 0 && moreRows > 0) gesture.insertRows(rowCount, moreRows);
    if (i === 0 && moreCols > 0) gesture.insertCols(columns.length, moreCols);
    gesture.setCells(at.row + start, at.col, at.width, rows.slice(start, start + count).flat());
  });
  const written = (made: number) => parts[made]?.start ?? rows.length;
  const stopped = (made: number) => partText(written(made), rows.length, "rows", verb);
  const made = makeSteps(sheet, steps, stopped);
  if (made === 0) return undefined;
  if (moreRows > 0 || moreCols > 0) showToast("info", roomText(moreRows, moreCols));
  return { ...at, height: written(made) };
}

/**
 * Pastes rows at the upper left corner of an area, or fills the area with them. Returns the written area.
 * `read` converts a field to a value by the texts of its column.
 */
export function paste<T>(
  sheet: LiveSheet,
  at: Area,
  fields: readonly (readonly T[])[],
  read: (field: T | undefined, texts: Texts) => CellValue,
): Area | undefined {
  const rows = tile(fields, at.height, at.width);
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  if (width === 0 || tooMany(rows.length * width)) return undefined;
  const texts = Array.from({ length: width }, (_, x) => sheet.texts(at.col + x));
  const values = rows.map((row) => texts.map((column, x) => read(row[x], column)));
  const area = { row: at.row, col: at.col, height: rows.length, width };
  return write(sheet, area, values, "pasted");
}

/** Fills an area; `pattern` gives the value at each offset from its upper left corner. */
export function fillArea(
  sheet: LiveSheet,
  at: Area,
  pattern: (y: number, x: number) => CellValue,
): void {
  if (tooMany(at.height * at.width)) return;
  const rows = Array.from({ length: at.height }, (_, y) =>
    Array.from({ length: at.width }, (_, x) => pattern(y, x)),
  );
  write(sheet, at, rows, "filled");
}

/** Deletes runs of lines as one edit, the last run first so that the others keep their positions. */
export function deleteLines(
  sheet: LiveSheet,
  axis: "rows" | "cols",
  lines: readonly Lines[],
): boolean {
  return sheet.make((gesture) => {
    for (const { start, count } of [...lines].sort((a, b) => b.start - a.start))
      if (axis === "rows") gesture.deleteRows(start, count);
      else gesture.deleteCols(start, count);
  });
}

/** Moves a block of lines by one step. Returns its new start, or undefined at the edge of the sheet. */
export function nudge(
  sheet: LiveSheet,
  axis: "rows" | "cols",
  { start, count }: Lines,
  step: -1 | 1,
): number | undefined {
  const { rowCount, columns } = sheet.layout.get();
  const length = axis === "rows" ? rowCount : columns.length;
  const to = step === -1 ? start - 1 : start + count + 1;
  if (to < 0 || to > length) return undefined;
  const made = sheet.edit((engine) =>
    axis === "rows" ? engine.moveRows(start, count, to) : engine.moveCols(start, count, to),
  );
  return made ? start + step : undefined;
}

/** Moves a dragged line to another index, with the whole selected block that it belongs to. */
export function moveBlock(
  sheet: LiveSheet,
  selection: Selection,
  axis: "rows" | "cols",
  from: number,
  to: number,
): void {
  const chosen = axis === "rows" ? selection.get().rows : selection.get().columns;
  const slice = chosen.items.find(([start, end]) => from >= start && from < end);
  const [start, end] = slice ?? [from, from + 1];
  if (to >= start && to < end) return;
  // The grid gives the new index of the line; the engine needs the line before which it is inserted.
  const before = to > from ? to + 1 : to;
  const count = end - start;
  const made = sheet.edit((engine) =>
    axis === "rows" ? engine.moveRows(start, count, before) : engine.moveCols(start, count, before),
  );
  if (!made) return;
  const now = before > start ? before - count : before;
  const [col, row] = selection.cursor();
  selection.set(axis === "rows" ? rowSelection(now, count, col) : columnSelection(now, count, row));
}

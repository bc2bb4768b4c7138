// Edits as the engine takes them: cut into pieces that the server accepts, written as rectangles.
import { CompactSelection } from "@glideapps/glide-data-grid";
import type { LiveSheet } from "../live/live-sheet.ts";
import { showToast } from "../ui/toasts.ts";
import { tile } from "./clipboard.ts";
import { type Area, type Lines, NOTHING } from "./selection.ts";
import type { Selection } from "./use-selection.ts";
import { type CellValue, parseValue } from "./values.ts";

/** Cells in one edit; below the server's limit, and small enough to be one message. */
const PIECE_CELLS = 5_000;
/** Cells that may be pasted or cleared at once. */
const MOST_CELLS = 500_000;

function tooMany(cells: number): boolean {
  if (cells <= MOST_CELLS) return false;
  const most = MOST_CELLS.toLocaleString();
  showToast("error", `That is too much at once: at most ${most} cells. Import a CSV file instead.`);
  return true;
}

/** Runs of rows with at most `PIECE_CELLS` cells each. */
export function pieces(height: number, width: number): Lines[] {
  const step = Math.max(1, Math.floor(PIECE_CELLS / Math.max(1, width)));
  const count = Math.ceil(height / step);
  return Array.from({ length: count }, (_, i) => ({
    start: i * step,
    count: Math.min(step, height - i * step),
  }));
}

/** Empties rectangles of cells. */
export function clearAreas(sheet: LiveSheet, all: readonly Area[]): void {
  if (tooMany(all.reduce((sum, area) => sum + area.height * area.width, 0))) return;
  for (const { row, col, height, width } of all)
    for (const piece of pieces(height, width)) {
      const made = sheet.edit((engine) => engine.clear(row + piece.start, col, piece.count, width));
      if (!made) return;
    }
}

/** Sets one cell to what its text means in its column; a text that changes nothing makes no edit. */
export function typeCell(sheet: LiveSheet, row: number, col: number, value: CellValue): void {
  if (sheet.cell(row, col) === value) return;
  sheet.edit((engine) => engine.setCells(row, col, 1, [value]));
}

/** The same for a text that was changed in an editor which opened on `from`. */
export function retypeCell(
  sheet: LiveSheet,
  row: number,
  col: number,
  from: string,
  to: string,
): void {
  if (from !== to) sheet.edit((engine) => engine.typeText(row, col, from, to));
}

/** Adds the lines that a paste needs beyond the sheet's end. */
function makeRoom(sheet: LiveSheet, bottom: number, right: number): boolean {
  const { rowCount, columns } = sheet.layout.get();
  const rows = bottom - rowCount;
  const cols = right - columns.length;
  if (rows > 0 && !sheet.edit((engine) => engine.insertRows(rowCount, rows))) return false;
  if (cols > 0 && !sheet.edit((engine) => engine.insertCols(columns.length, cols))) return false;
  if (rows > 0 || cols > 0) showToast("info", roomText(rows, cols));
  return true;
}

function roomText(rows: number, cols: number): string {
  const parts = [];
  if (rows > 0) parts.push(rows === 1 ? "1 row" : `${rows.toLocaleString()} rows`);
  if (cols > 0) parts.push(cols === 1 ? "1 column" : `${cols.toLocaleString()} columns`);
  return `Added ${parts.join(" and ")} to make room.`;
}

/** Pastes rows of text at the upper left corner of an area; gives the area that was written. */
export function paste(sheet: LiveSheet, at: Area, text: readonly string[][]): Area | undefined {
  const rows = tile(text, at.height, at.width);
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (width === 0 || tooMany(rows.length * width)) return undefined;
  if (!makeRoom(sheet, at.row + rows.length, at.col + width)) return undefined;
  const { columns } = sheet.layout.get();
  const kinds = Array.from({ length: width }, (_, x) => columns[at.col + x]?.kind ?? 0);
  for (const piece of pieces(rows.length, width)) {
    const values: CellValue[] = [];
    for (const row of rows.slice(piece.start, piece.start + piece.count))
      for (let x = 0; x < width; x++) values.push(parseValue(row[x] ?? "", kinds[x] ?? 0));
    const made = sheet.edit((engine) =>
      engine.setCells(at.row + piece.start, at.col, width, values),
    );
    if (!made) return undefined;
  }
  return { row: at.row, col: at.col, height: rows.length, width };
}

/** Deletes runs of lines, the last one first so that the others keep their positions. */
export function deleteLines(
  sheet: LiveSheet,
  axis: "rows" | "cols",
  lines: readonly Lines[],
): void {
  for (const { start, count } of [...lines].sort((a, b) => b.start - a.start))
    sheet.edit((engine) =>
      axis === "rows" ? engine.deleteRows(start, count) : engine.deleteCols(start, count),
    );
}

/** Moves a block of lines one step; gives where it starts then, or undefined at the sheet's edge. */
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

/** Drops a dragged line at another index; a line of a selected block takes the whole block along. */
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
  // The grid tells the index where the line will stand; the engine wants the line that it stands before.
  const before = to > from ? to + 1 : to;
  const count = end - start;
  const made = sheet.edit((engine) =>
    axis === "rows" ? engine.moveRows(start, count, before) : engine.moveCols(start, count, before),
  );
  if (!made) return;
  const now = before > start ? before - count : before;
  const lines = CompactSelection.fromSingleSelection([now, now + count]);
  selection.set({ ...NOTHING, [axis === "rows" ? "rows" : "columns"]: lines });
}

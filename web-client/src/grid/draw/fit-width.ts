// Measures the width that a column needs for its name and its loaded values.
import { columnTitle } from "../../cells/column-names.ts";
import { formatValue } from "../../cells/values.ts";
import { decimalMark } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { columnForm } from "./column-forms.ts";
import { LEAST_WIDTH } from "./columns.ts";

/** CSS pixels. */
const MOST_FITTED = 480;
const PADDING = 20;
/** Room for the kind's icon and the menu's arrow beside the name. */
const HEADER_PADDING = 64;
/** Rows that are measured, from the first loaded row. */
const ROWS = 2_000;
/** Characters of a value that are measured. */
const CHARACTERS = 200;

export function fitWidth(sheet: LiveSheet, col: number): number {
  const { columns, rowCount } = sheet.layout.get();
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return LEAST_WIDTH;
  const { fontFamily } = getComputedStyle(document.body);
  context.font = `600 13px ${fontFamily}`;
  let width = context.measureText(columnTitle(columns[col], col)).width + HEADER_PADDING;
  context.font = `13px ${fontFamily}`;
  const { start, count } = sheet.loaded();
  const decimal = decimalMark();
  const form = columnForm(sheet, columns, col);
  for (let row = start; row < Math.min(rowCount, start + Math.min(count, ROWS)); row++) {
    const value = sheet.cell(row, col);
    if (value === undefined || value === null) continue;
    const text = form?.shown(value) ?? formatValue(value, columns[col]?.kind ?? 0, decimal);
    width = Math.max(width, context.measureText(text.slice(0, CHARACTERS)).width + PADDING);
  }
  return Math.round(Math.max(LEAST_WIDTH, Math.min(MOST_FITTED, width)));
}

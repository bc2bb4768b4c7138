// Sizes of a table on the screen, in CSS pixels: those of a sheet's grid (see grid/draw/settings.ts).
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { DEFAULT_WIDTH } from "../../../grid/draw/columns.ts";

export const ROW_PIXELS = 32;
export const HEAD_PIXELS = 36;
/** Both paddings of a cell, and the widest digit of its font. */
const PADDING = 20;
const DIGIT = 8.3;

/** The usual widths of columns whose values have a known length. */
const WIDTHS: Readonly<Partial<Record<ColumnKind, number>>> = {
  // A sign and 16 digits, the most that a number has without an exponent and decimals.
  [ColumnKind.NUMBER]: 164,
  // With milliseconds; an instant names its zone, too.
  [ColumnKind.LOCAL_DATETIME]: 192,
  [ColumnKind.DATETIME]: 224,
};

export function usualWidth(kind: ColumnKind): number {
  return WIDTHS[kind] ?? DEFAULT_WIDTH;
}

/** The width of the row numbers. */
export function numbersWidth(rows: number): number {
  return 28 + String(rows).length * 8;
}

/** How many digits a cell of this width has room for. */
export function digitsIn(width: number): number {
  return Math.max(1, Math.floor((width - PADDING) / DIGIT));
}

// Sizes of a table on the screen, in CSS pixels: those of a sheet's grid (see grid/draw/settings.ts).

export const ROW_PIXELS = 32;
export const HEAD_PIXELS = 36;
/** Both paddings of a cell, and the widest digit of its font. */
const PADDING = 20;
const DIGIT = 8.3;

/** The width of the row numbers. */
export function numbersWidth(rows: number): number {
  return 28 + String(rows).length * 8;
}

/** How many digits a cell of this width has room for. */
export function digitsIn(width: number): number {
  return Math.max(1, Math.floor((width - PADDING) / DIGIT));
}

// The position and size of the text field: over its cell, and as large as its text needs within the
// grid.

/** CSS pixels. The field covers the cell's own border. */
const BLEED = 1;
const LEAST_WIDTH = 80;
const MOST_WIDTH = 480;
/** The options and notes below the field. */
const LEAST_AID = 220;
/** Paddings, borders and room for the caret. */
const AROUND = 28;
/** CSS pixels before the text of a cell. */
const CELL_PADDING = 10;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

let measure: CanvasRenderingContext2D | null | undefined;

function textWidth(text: string, font: string): number {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return 0;
  measure.font = font;
  const context = measure;
  // Longer texts are wider than any screen.
  const lines = text.slice(0, 2_000).split("\n");
  return lines.reduce((most, line) => Math.max(most, context.measureText(line).width), 0);
}

/** The position in a cell's text that is nearest to `x` in the window; `cell` is the cell's box. */
export function caretAt(text: string, font: string, cell: Box, x: number): number {
  // The cell shows the first line.
  const [line = ""] = text.split("\n");
  const at = x - cell.x - CELL_PADDING;
  let [best, distance] = [0, Math.abs(at)];
  for (let end = 1; end <= Math.min(line.length, 500); end++) {
    const off = Math.abs(at - textWidth(line.slice(0, end), font));
    if (off <= distance) [best, distance] = [end, off];
  }
  return best;
}

/** Moves the field over a cell; `area` and `cell` are boxes in the window. */
export function fieldBox(element: HTMLTextAreaElement, area: Box, cell: Box, open: boolean): void {
  const { style } = element;
  // The field of a cell that is scrolled away stays at the nearest edge.
  const left = clamp(cell.x - area.x, 0, area.width - cell.width);
  const top = clamp(cell.y - area.y, 0, area.height - cell.height);
  style.left = `${left - BLEED}px`;
  style.top = `${top - BLEED}px`;
  if (!open) {
    style.width = `${cell.width}px`;
    style.height = `${cell.height}px`;
    return;
  }
  const room = Math.max(LEAST_WIDTH, area.width - left);
  const wanted = textWidth(element.value, getComputedStyle(element).font) + AROUND;
  const width = Math.min(room, Math.max(cell.width + 2 * BLEED, Math.min(wanted, MOST_WIDTH)));
  const least = cell.height + 2 * BLEED;
  style.width = `${Math.max(LEAST_WIDTH, width)}px`;
  style.height = `${least}px`;
  const borders = element.offsetHeight - element.clientHeight;
  const most = Math.max(least, area.height - top);
  style.height = `${Math.min(most, Math.max(least, element.scrollHeight + borders))}px`;
}

/** CSS pixels. Less room than this below the field moves what belongs to it above. */
const LEAST_ROOM = 140;

/** Moves what belongs to the field below it, or above where there is more room; it stays inside the area. */
export function aidBox(aid: HTMLElement, field: HTMLElement, area: HTMLElement): void {
  const { offsetLeft: left, offsetTop: top, offsetHeight, offsetWidth } = field;
  const bottom = top + offsetHeight;
  const below = area.clientHeight - bottom;
  const isAbove = below < LEAST_ROOM && top > below;
  const { style } = aid;
  const width = Math.min(Math.max(offsetWidth, LEAST_AID), area.clientWidth);
  style.left = `${clamp(left, 0, area.clientWidth - width)}px`;
  style.width = `${width}px`;
  style.maxHeight = `${isAbove ? top : below}px`;
  style.top = isAbove ? "" : `${bottom}px`;
  style.bottom = isAbove ? `${area.clientHeight - top}px` : "";
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, Math.max(least, most)));
}

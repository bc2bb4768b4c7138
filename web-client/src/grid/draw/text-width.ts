// The width of short texts in the grid's font.

/** The size of the grid's font. */
const FONT = "13px";
/** Widths that are kept; then the measuring begins again. */
const MOST_KEPT = 10_000;

const kept = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

/** The width of a text in CSS pixels. */
export function textWidth(text: string): number {
  if (context === undefined) {
    context = document.createElement("canvas").getContext("2d");
    if (context !== null) context.font = `${FONT} ${getComputedStyle(document.body).fontFamily}`;
  }
  const known = kept.get(text);
  if (known !== undefined) return known;
  const width = context?.measureText(text).width ?? 0;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(text, width);
  return width;
}

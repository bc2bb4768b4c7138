// The mark in the upper right corner of one cell.

const CORNER_PIXELS = 8;

type Context = Pick<
  CanvasRenderingContext2D,
  "beginPath" | "moveTo" | "lineTo" | "closePath" | "fill" | "fillStyle"
>;

/** Leaves the color of the context as it was: the grid draws the text of the next cell in it. */
export function drawCorner(
  ctx: Context,
  { x, y, width }: { x: number; y: number; width: number },
  color: string,
): void {
  const right = x + width;
  const before = ctx.fillStyle;
  ctx.beginPath();
  ctx.moveTo(right - CORNER_PIXELS, y);
  ctx.lineTo(right, y);
  ctx.lineTo(right, y + CORNER_PIXELS);
  ctx.closePath();
  ctx.fillStyle = color;
  ctx.fill();
  ctx.fillStyle = before;
}

// The marks in the corners of one cell: a triangle at the upper right, and a square at the lower left.

const CORNER_PIXELS = 8;
const SQUARE_PIXELS = 5;

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

/** The mark of a value that does not fit its column. It leaves the color as it was, too. */
export function drawSquare(
  ctx: Pick<CanvasRenderingContext2D, "fillRect" | "fillStyle">,
  { x, y, height }: { x: number; y: number; height: number },
  color: string,
): void {
  const before = ctx.fillStyle;
  ctx.fillStyle = color;
  ctx.fillRect(x + 2, y + height - 2 - SQUARE_PIXELS, SQUARE_PIXELS, SQUARE_PIXELS);
  ctx.fillStyle = before;
}

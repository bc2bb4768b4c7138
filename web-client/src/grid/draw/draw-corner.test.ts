import { expect, test } from "vitest";
import { drawCorner, drawSquare } from "./draw-corner.ts";

test("the text of the next cell has its own color", () => {
  const filled: unknown[] = [];
  const nothing = () => undefined;
  const ctx = {
    fillStyle: "black" as string | CanvasGradient | CanvasPattern,
    beginPath: nothing,
    moveTo: nothing,
    lineTo: nothing,
    closePath: nothing,
    fill: () => void filled.push(ctx.fillStyle),
  };
  drawCorner(ctx, { x: 0, y: 0, width: 140 }, "orange");
  expect([filled, ctx.fillStyle]).toEqual([["orange"], "black"]);
});

test("a value that does not fit has a square in another corner", () => {
  const filled: unknown[] = [];
  const ctx = {
    fillStyle: "black" as string | CanvasGradient | CanvasPattern,
    fillRect: (...rect: number[]) => void filled.push([ctx.fillStyle, ...rect]),
  };
  drawSquare(ctx, { x: 100, y: 60, height: 30 }, "orange");
  expect([filled, ctx.fillStyle]).toEqual([[["orange", 102, 83, 5, 5]], "black"]);
});

import { expect, test } from "vitest";
import { drawCorner } from "./draw-corner.ts";

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

import { expect, test } from "vitest";
import { areaOf, oneMarked } from "./marked.ts";

test("no cell is selected in a table without rows", () => {
  expect(areaOf(oneMarked([0, 0]), 0, 3)).toMatchObject({ height: 0, width: 1 });
  expect(areaOf({ ...oneMarked([0, 0]), whole: "cols" }, 0, 3).height).toBe(0);
});

test("the selection is what is between the cursor and the corner", () => {
  const area = areaOf({ cursor: [2, 5], corner: [1, 3] }, 10, 3);
  expect(area).toEqual({ row: 3, col: 1, height: 3, width: 2 });
});

import { expect, test } from "vitest";
import { fillPlan, strip } from "./fill.ts";

const area = (row: number, col: number, height: number, width: number) => ({
  row,
  col,
  height,
  width,
});

test("the source is a block's first line, and for a single line the line before it", () => {
  expect(fillPlan(area(2, 1, 4, 2), "rows")?.source).toEqual(area(2, 1, 1, 2));
  expect(fillPlan(area(2, 1, 1, 2), "rows")).toEqual({
    source: area(1, 1, 1, 2),
    dest: area(1, 1, 2, 2),
  });
  expect(fillPlan(area(0, 1, 1, 2), "rows")).toBeUndefined();
  expect(fillPlan(area(2, 1, 4, 3), "cols")?.source).toEqual(area(2, 1, 4, 1));
  expect(fillPlan(area(2, 0, 1, 1), "cols")).toBeUndefined();
});

test("a fill writes only outside the source", () => {
  const source = area(4, 2, 2, 2);
  expect(strip(source, area(4, 2, 5, 2))).toEqual(area(6, 2, 3, 2));
  expect(strip(source, area(1, 2, 5, 2))).toEqual(area(1, 2, 3, 2));
  expect(strip(source, area(4, 2, 2, 5))).toEqual(area(4, 4, 2, 3));
  expect(strip(source, area(4, 0, 2, 4))).toEqual(area(4, 0, 2, 2));
  expect(strip(source, source)).toBeUndefined();
});

// The values of a paste that columns refuse: their number and the first of them.
import { expect, test } from "vitest";
import type { CellValue } from "../../cells/values.ts";
import { refusedValues } from "./refused-values.ts";

const numbers = (value: CellValue) =>
  value === null || typeof value === "number" ? undefined : "expected a number";

test("only columns that refuse values count, and the first value is named", () => {
  const rows: CellValue[][] = [
    ["a", 1],
    ["b", "x"],
    ["c", null],
    ["d", "y"],
  ];
  expect(refusedValues(rows, [undefined, numbers])).toEqual({
    count: 2,
    y: 1,
    x: 1,
    why: "expected a number",
  });
  expect(refusedValues(rows, [undefined, undefined])).toBeUndefined();
  expect(refusedValues([[1], [null]], [numbers])).toBeUndefined();
});

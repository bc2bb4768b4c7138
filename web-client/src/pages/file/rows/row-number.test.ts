import { expect, test } from "vitest";
import { rowOf } from "./row-number.ts";

test("the number of a row is read in the forms of all languages", () => {
  expect(
    ["1", "100,000,000", "100.000.000", "100 000 000", "12’345"].map((it) => rowOf(it, 1e8)),
  ).toEqual([0, 99_999_999, 99_999_999, 99_999_999, 12_344]);
});

test("what is the number of no row leads nowhere", () => {
  for (const text of ["", "0", "-1", "x", "11"]) expect(rowOf(text, 10)).toBeUndefined();
  expect(rowOf("1", 0)).toBeUndefined();
});

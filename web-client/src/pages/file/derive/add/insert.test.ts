import { expect, test } from "vitest";
import { around, inserted, reference } from "./insert.ts";

test("a column is named in brackets", () => {
  expect(reference("price")).toBe("[price]");
  expect(reference("a]b")).toBe("[a]]b]");
});

test("a text replaces what is selected, and the caret stands behind it", () => {
  expect(inserted("1 + x", 4, 5, "[price]")).toEqual({ formula: "1 + [price]", caret: 11 });
});

test("the caret of a function stands between its parentheses", () => {
  expect(inserted("", 0, 0, "ROUND()")).toEqual({ formula: "ROUND()", caret: 6 });
});

test("a position counts characters, not halves of them", () => {
  expect(around("🍐 + x", 4)).toEqual(["🍐 + ", "x", ""]);
  expect(around("1 +", 3)).toEqual(["1 +", "", ""]);
});

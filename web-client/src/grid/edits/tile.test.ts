import { expect, test } from "vitest";
import { tile } from "./tile.ts";

test("a selection that is a multiple of the rows is filled; any other keeps the rows as they are", () => {
  expect(tile([["x"]], 2, 2)).toEqual([
    ["x", "x"],
    ["x", "x"],
  ]);
  expect(tile([["a"], ["b"]], 4, 1)).toEqual([["a"], ["b"], ["a"], ["b"]]);
  expect(tile([["a", "b"]], 1, 3)).toEqual([["a", "b"]]);
  expect(tile([], 2, 2)).toEqual([]);
});

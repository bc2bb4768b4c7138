import { expect, test } from "vitest";
import { pieces, rowBytes } from "./pieces.ts";

test("rows that fit into one edit are one piece", () => {
  const weights = Array.from({ length: 1_000 }, () => rowBytes(["some text", 1, null]));
  expect(pieces(weights, 3, { cells: 3_000, bytes: 3_000_000 })).toEqual([
    { start: 0, count: 1_000 },
  ]);
});

test("both limits divide rows into pieces, and every row is in one piece", () => {
  expect(pieces([1, 1, 1, 1, 1], 2, { cells: 4, bytes: 100 })).toEqual([
    { start: 0, count: 2 },
    { start: 2, count: 2 },
    { start: 4, count: 1 },
  ]);
  expect(pieces([60, 60, 500, 10, 10], 1, { cells: 100, bytes: 120 })).toEqual([
    { start: 0, count: 2 },
    { start: 2, count: 1 },
    { start: 3, count: 2 },
  ]);
  expect(pieces([], 1, { cells: 100, bytes: 120 })).toEqual([]);
});

test("a text counts with its bytes", () => {
  expect(rowBytes(["é".repeat(50)]) - rowBytes(["e".repeat(50)])).toBe(50);
});

import { expect, test } from "vitest";
import {
  addOf,
  type ColumnDraft,
  complete,
  emptyColumn,
  endOf,
  isLacking,
  problemOf,
} from "./draft.ts";

const TOTAL: ColumnDraft = { id: 1, name: "total", formula: "[price] * 2" };
const NAMES = ["price"];

test("a row needs a name and a formula", () => {
  const empty = emptyColumn([TOTAL]);
  expect(empty.id).toBe(2);
  expect(problemOf(TOTAL, [TOTAL, empty], NAMES)).toEqual({});
  expect(Object.keys(problemOf(empty, [TOTAL, empty], NAMES))).toEqual(["name", "formula"]);
  expect(isLacking([TOTAL, empty], NAMES)).toBe(true);
  expect(complete([TOTAL, empty], NAMES)).toEqual([TOTAL]);
});

test("a name is that of no other column", () => {
  const again = { ...TOTAL, id: 2, name: " total " };
  expect(problemOf(again, [TOTAL, again], NAMES).name).toContain("Another column");
  expect(problemOf({ ...TOTAL, name: "price" }, [TOTAL], NAMES).name).toContain("Another column");
});

test("a name and a formula have their most characters", () => {
  const long = { id: 1, name: "é".repeat(201), formula: "1".repeat(2_001) };
  expect(problemOf(long, [long], []).name).toContain("200");
  expect(problemOf(long, [long], []).formula).toMatch(/2.?000/);
});

test("a formula is sent as it is written", () => {
  const spaced = { ...TOTAL, name: " total ", formula: "  [price]" };
  expect(addOf([spaced])).toEqual({ columns: [{ name: "total", formula: "  [price]" }] });
  expect(endOf([spaced])).toBe("with total");
  expect(endOf([emptyColumn([])])).toBe("computed");
});

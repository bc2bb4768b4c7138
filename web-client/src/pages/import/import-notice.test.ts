// An import has one notice, however many guesses may be wrong.
import { expect, test } from "vitest";
import { importNotice } from "./import-notice.ts";

test("several guesses are a list of one notice", () => {
  const doubts = ["the comma is the decimal mark", "“Code” has lost zeros"];
  expect(importNotice({ repairedRows: 0, doubts })).toBe(
    "Please check:\n• The comma is the decimal mark.\n• “Code” has lost zeros.",
  );
  expect(importNotice({ repairedRows: 1, doubts: doubts.slice(0, 1) })).toBe(
    "1 row repaired.\nPlease check: the comma is the decimal mark.",
  );
  expect(importNotice({ repairedRows: 2, doubts: [] })).toBe("2 rows repaired.");
  expect(importNotice({ repairedRows: 0, doubts: [] })).toBeUndefined();
});

test("of many guesses the first are named", () => {
  const doubts = Array.from({ length: 9 }, (_, i) => `guess ${i}`);
  const lines = importNotice({ repairedRows: 0, doubts })?.split("\n");
  expect(lines?.length).toBe(8);
  expect(lines?.slice(-2)).toEqual(["• Guess 5.", "and 3 more"]);
  const six = importNotice({ repairedRows: 0, doubts: doubts.slice(0, 6) });
  expect(six?.endsWith("• Guess 5.")).toBe(true);
});

import { expect, test } from "vitest";
import { shownColumns } from "./shown-columns.ts";

test("a narrow table is shown as it is", () => {
  expect(shownColumns(3, 1)).toEqual([0, 1, 2]);
  expect(shownColumns(0, 0)).toEqual([]);
});

test("of a wide table the begin is shown, and all that is new", () => {
  const shown = shownColumns(100, 2);
  expect(shown).toHaveLength(22);
  expect(shown.slice(-3)).toEqual([19, 98, 99]);
});

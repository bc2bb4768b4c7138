// The values of a paste that columns refuse: their number and the first of them.
import { expect, test, vi } from "vitest";
import type { CellValue } from "../../cells/values.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { notifyRefused, refusedValues } from "./refused-values.ts";

const showToast = vi.hoisted(() => vi.fn());
vi.mock("../../ui/toasts.ts", () => ({ showToast }));

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

test("the notice of a refusal goes after a while, and with the next gesture", () => {
  const sheet = {
    layout: { get: () => ({ columns: [{ name: "Count", settings: { refuse: true } }] }) },
    texts: () => ({ refusal: numbers }),
  } as unknown as LiveSheet;
  const at = { row: 0, col: 0, height: 1, width: 1 };
  expect(notifyRefused(sheet, at, [["x"]], "pasted")).toBe(true);
  const [look, text, , life] = showToast.mock.calls[0] ?? [];
  expect([look, text]).toEqual([
    "error",
    "Nothing was pasted: “Count”, row 1 does not take “x”, expected a number.",
  ]);
  expect(life.stays).toBeUndefined();
  const close = vi.fn();
  life.until(close);
  expect(notifyRefused(sheet, at, [[7]], "pasted")).toBe(false);
  expect(close).toHaveBeenCalledOnce();
  expect(showToast).toHaveBeenCalledOnce();
});

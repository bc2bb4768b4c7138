import { expect, test } from "vitest";
import { type Key, readyIntent } from "../../../grid/keyboard/keys.ts";
import { areaOf, holds, type Marked, oneMarked } from "./marked.ts";
import { performed } from "./moves.ts";

const SHAPE = { rows: 100_000_000, cols: 4, newRow: false, page: 20, filled: () => undefined };
const PLAIN = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

/** The selection after keys, such as "Ctrl+Shift+End". */
function after(start: Marked, ...keys: string[]): Marked {
  return keys.reduce((marked, words) => {
    const parts = words.split("+");
    const event: Key = {
      ...PLAIN,
      key: parts.at(-1) ?? "",
      ctrlKey: parts.includes("Ctrl"),
      shiftKey: parts.includes("Shift"),
    };
    const intent = readyIntent(event, false);
    const moved = intent && performed(intent, marked, SHAPE);
    return moved?.marked ?? marked;
  }, start);
}

test("the keys of a sheet move in a table, and stop at its edges", () => {
  const start = oneMarked([0, 0]);
  expect(after(start, "Ctrl+End").cursor).toEqual([3, 99_999_999]);
  expect(after(start, "Ctrl+End", "ArrowDown", "ArrowRight").cursor).toEqual([3, 99_999_999]);
  expect(after(start, "Ctrl+End", "Ctrl+Home", "ArrowUp").cursor).toEqual([0, 0]);
  expect(after(start, "PageDown", "End").cursor).toEqual([3, 19]);
  expect(after(start, "Ctrl+ArrowDown").cursor).toEqual([0, 99_999_999]);
});

test("Shift extends the selection from the cursor, and a plain key begins another one", () => {
  const marked = after(oneMarked([1, 1]), "Shift+ArrowDown", "Shift+ArrowRight");
  expect(areaOf(marked, SHAPE.rows, SHAPE.cols)).toEqual({ row: 1, col: 1, height: 2, width: 2 });
  expect(after(marked, "ArrowDown")).toEqual(oneMarked([1, 2]));
});

test("whole rows, whole columns and all cells are selected", () => {
  const start = oneMarked([1, 5]);
  const area = (...keys: string[]) => areaOf(after(start, ...keys), SHAPE.rows, SHAPE.cols);
  expect(area("Shift+ ")).toEqual({ row: 5, col: 0, height: 1, width: 4 });
  expect(area("Shift+ ", "Shift+ArrowDown")).toMatchObject({ row: 5, height: 2, width: 4 });
  expect(area("Ctrl+ ")).toEqual({ row: 0, col: 1, height: SHAPE.rows, width: 1 });
  expect(area("Ctrl+a")).toEqual({ row: 0, col: 0, height: SHAPE.rows, width: 4 });
  expect(holds(area("Ctrl+ "), [1, 70_000_000])).toBe(true);
  expect(holds(area("Ctrl+ "), [2, 0])).toBe(false);
});

test("keys that would change a cell do nothing, and Tab leaves the table", () => {
  for (const key of ["Delete", "Enter", "F2", "Tab"]) {
    const intent = readyIntent({ ...PLAIN, key }, false);
    expect(intent && performed(intent, oneMarked([1, 5]), SHAPE)).toBeUndefined();
  }
});

import { CompactSelection, type GridSelection } from "@glideapps/glide-data-grid";
import { expect, test } from "vitest";
import { areas, cellSelection, marks, moved, NOTHING, rowsOf, withCursor } from "./selection.ts";

const range: GridSelection = {
  ...NOTHING,
  current: { cell: [1, 2], range: { x: 1, y: 2, width: 3, height: 4 }, rangeStack: [] },
};
const rows: GridSelection = { ...NOTHING, rows: CompactSelection.fromArray([1, 2, 7]) };

test("areas are cut to the sheet", () => {
  expect(areas(range, 4, 2)).toEqual([{ row: 2, col: 1, height: 2, width: 1 }]);
  expect(areas(rows, 7, 3)).toEqual([{ row: 1, col: 0, height: 2, width: 3 }]);
  expect(areas(NOTHING, 7, 3)).toEqual([]);
});

test("marks that have not moved give the same selection", () => {
  for (const selection of [range, rows, NOTHING, cellSelection([3, 4])]) {
    const { rows: r, cols: c } = marks(selection);
    const again = moved(selection, r, c);
    expect(again.current?.range).toEqual(selection.current?.range);
    expect(again.current?.cell).toEqual(selection.current?.cell);
    expect(again.rows.equals(selection.rows)).toBe(true);
  }
});

test("marks that have moved give the selection at its new position", () => {
  const carried = marks(range);
  const next = moved(
    range,
    carried.rows.map((row) => row + 5),
    carried.cols,
  );
  expect(next.current?.cell).toEqual([1, 7]);
  expect(next.current?.range).toEqual({ x: 1, y: 7, width: 3, height: 4 });
  expect(rowsOf(moved(rows, [1, 3, 9, 10], []))).toEqual([
    { start: 1, count: 2 },
    { start: 9, count: 1 },
  ]);
});

test("a cursor outside its range is selected alone", () => {
  const next = moved(range, [50, 51, 2, 5], [1, 2, 1, 4]);
  expect(next.current?.range).toEqual({ x: 1, y: 50, width: 1, height: 1 });
});

test("every selection has a cursor", () => {
  const cursor = (next: GridSelection) => withCursor(next, [3, 40], 30, 100, 5).current?.cell;
  expect(cursor(NOTHING)).toEqual([3, 40]);
  expect(cursor(rows)).toEqual([3, 1]);
  const columns = { ...NOTHING, columns: CompactSelection.fromArray([4]) };
  // In the first row on the screen, so that the grid does not scroll.
  expect(cursor(columns)).toEqual([4, 30]);
  expect(cursor(cellSelection([3, 99_999]))).toEqual([3, 100]);
});

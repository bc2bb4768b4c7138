import type { Item } from "@glideapps/glide-data-grid";
import { expect, test } from "vitest";
import { nextByTab, type SheetShape, target } from "./motion.ts";
import { extended, movingCorner } from "./navigate.ts";
import { areas, cellSelection, columnSelection, rowSelection } from "./selection.ts";

/** A sheet of 100 rows: some cells of the first column are filled, and no row after row 90 is loaded. */
const FILLED = new Set([0, 1, 2, 6, 7, 20]);
const shape: SheetShape = {
  rows: 100,
  cols: 4,
  newRow: true,
  page: 20,
  filled: ([col, row]) => (row > 90 ? undefined : col === 0 && FILLED.has(row)),
};
const down = (row: number) => target([0, row], { to: "edge", dx: 0, dy: 1 }, shape);
const up = (row: number) => target([0, row], { to: "edge", dx: 0, dy: -1 }, shape);

test("Ctrl with an arrow stops at the edges of blocks", () => {
  expect([down(0), down(2), down(6), down(7), down(20)]).toEqual([
    [0, 2],
    [0, 6],
    [0, 7],
    [0, 20],
    [0, 99],
  ]);
  expect([up(99), up(20), up(7), up(6), up(2)]).toEqual([
    // The cell is not loaded, so its block is unknown.
    [0, 0],
    [0, 7],
    [0, 6],
    [0, 2],
    [0, 0],
  ]);
});

test("motions stay on the sheet, and only steps reach the line below the last row", () => {
  const to = (from: Item, motion: Parameters<typeof target>[1]) => target(from, motion, shape);
  expect(to([0, 99], { to: "step", dx: 0, dy: 1 })).toEqual([0, 100]);
  expect(to([0, 100], { to: "step", dx: 0, dy: 1 })).toEqual([0, 100]);
  expect(to([0, 0], { to: "step", dx: -1, dy: 0 })).toEqual([0, 0]);
  expect(to([3, 50], { to: "page", dy: 1 })).toEqual([3, 69]);
  expect(to([1, 50], { to: "last" })).toEqual([3, 99]);
  expect(to([1, 50], { to: "row-end" })).toEqual([3, 50]);
  expect(to([0, 100], { to: "edge", dx: 0, dy: 1 })).toEqual([0, 99]);
});

test("Tab continues in the next row, and finally on the line below the last one", () => {
  expect(nextByTab([1, 5], 1, shape)).toEqual([2, 5]);
  expect(nextByTab([3, 5], 1, shape)).toEqual([0, 6]);
  expect(nextByTab([3, 99], 1, shape)).toEqual([0, 100]);
  expect(nextByTab([3, 100], 1, shape)).toEqual([3, 100]);
  expect(nextByTab([3, 99], 1, { ...shape, newRow: false })).toEqual([3, 99]);
  expect(nextByTab([0, 5], -1, shape)).toEqual([3, 4]);
  expect(nextByTab([0, 0], -1, shape)).toEqual([0, 0]);
});

test("a selection extends from its cursor to either side", () => {
  const grown = extended(cellSelection([1, 5]), [3, 8]);
  expect(areas(grown, 100, 4)).toEqual([{ row: 5, col: 1, height: 4, width: 3 }]);
  expect(movingCorner(grown)).toEqual([3, 8]);
  const other = extended(grown, [0, 2]);
  expect(areas(other, 100, 4)).toEqual([{ row: 2, col: 0, height: 4, width: 2 }]);
  expect(movingCorner(other)).toEqual([0, 2]);
});

test("selected rows stay rows and selected columns stay columns", () => {
  const rows = extended(rowSelection(5, 1, 2), [2, 7]);
  expect(areas(rows, 100, 4)).toEqual([{ row: 5, col: 0, height: 3, width: 4 }]);
  expect(movingCorner(rows)).toEqual([2, 7]);
  const columns = extended(columnSelection(2, 1, 9), [1, 9]);
  expect(areas(columns, 100, 4)).toEqual([{ row: 0, col: 1, height: 100, width: 2 }]);
  expect(movingCorner(columns)).toEqual([1, 9]);
});

import { expect, test } from "vitest";
import { ColumnPlaces } from "./column-places.ts";

const PLACES = new ColumnPlaces([100, 50, 200, 140]);

test("each place is in one column, and a place after the end is in the last one", () => {
  expect([0, 99, 100, 149, 150, 349, 350, 9_999].map((x) => PLACES.at(x))).toEqual([
    0, 0, 1, 1, 2, 2, 3, 3,
  ]);
  expect([PLACES.width, PLACES.left(2), PLACES.widthOf(2)]).toEqual([490, 150, 200]);
});

test("a column of which one pixel is shown counts as shown", () => {
  expect(PLACES.within(99, 151)).toEqual({ start: 0, count: 3 });
  expect(PLACES.within(100, 150)).toEqual({ start: 1, count: 1 });
  expect(new ColumnPlaces([]).within(0, 100)).toEqual({ start: 0, count: 0 });
});

test("a column is scrolled to the nearest edge, and one that is wider than the view to its begin", () => {
  expect(PLACES.reveal(0, 120, 200)).toBe(0);
  expect(PLACES.reveal(3, 0, 200)).toBe(290);
  expect(PLACES.reveal(1, 60, 200)).toBe(60);
  expect(PLACES.reveal(2, 0, 120)).toBe(150);
});

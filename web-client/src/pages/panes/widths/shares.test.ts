import { expect, test } from "vitest";
import { equal, evenOut, least, moveBorder, parseShares, percents } from "./shares.ts";

const sum = (shares: readonly number[]) => shares.reduce((all, share) => all + share, 0);

test("a border moves between two panes and leaves each its least width", () => {
  expect(moveBorder([0.5, 0.5], 1, 0.1)).toEqual([0.6, 0.4]);
  const narrow = moveBorder([0.5, 0.5], 1, -9);
  expect(narrow[0]).toBeCloseTo(least(2));
  expect(sum(narrow)).toBeCloseTo(1);
  const three = moveBorder(equal(3), 2, 9);
  expect(three[0]).toBeCloseTo(1 / 3);
  expect(three[2]).toBeCloseTo(least(3));
  expect(moveBorder([0.5, 0.5], 2, 0.1)).toEqual([0.5, 0.5]);
});

test("two panes even out", () => {
  expect(evenOut([0.7, 0.3], 1).map((share) => share.toFixed(3))).toEqual(["0.500", "0.500"]);
});

test("a border has its place in percent", () => {
  expect(percents([0.6, 0.4], 1)).toEqual({ now: 60, least: 20, most: 80 });
});

test("stored shares that break a rule are replaced by equal ones", () => {
  expect(parseShares("0.6000 0.4000", 2)).toEqual([0.6, 0.4]);
  for (const text of [null, "", "0.5", "0.9900 0.0100", "1 1", "x y", "NaN NaN"])
    expect(parseShares(text, 2)).toEqual([0.5, 0.5]);
});

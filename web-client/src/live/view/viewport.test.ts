import { expect, test } from "vitest";
import { windowFor, windowServes } from "./viewport.ts";

test("a window has a margin on both sides, and serves while half of the margin is left", () => {
  const visible = { start: 1_000, count: 40 };
  const window = windowFor(visible);
  expect(window).toEqual({ start: 900, count: 250 });
  expect(windowServes(window, visible)).toBe(true);
  expect(windowServes(window, { start: 1_050, count: 40 })).toBe(true);
  expect(windowServes(window, { start: 1_080, count: 40 })).toBe(false);
  expect(windowServes(window, { start: 930, count: 40 })).toBe(false);
});

test("the first rows need no margin above them", () => {
  const window = windowFor({ start: 0, count: 40 });
  expect(window.start).toBe(0);
  expect(windowServes(window, { start: 0, count: 40 })).toBe(true);
});

test("every window serves the rows that it was computed for", () => {
  for (let start = 0; start < 2_000; start += 7)
    for (const count of [1, 30, 400]) {
      const visible = { start, count };
      expect(windowServes(windowFor(visible), visible)).toBe(true);
    }
});

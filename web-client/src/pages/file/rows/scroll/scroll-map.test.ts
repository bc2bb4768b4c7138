import { expect, test } from "vitest";
import { BAR_MOST, ScrollMap, STEP_MOST } from "./scroll-map.ts";

const ROW = 32;
const VIEW = 700;
const TOTALS = [0, 1, 40, 3_000, 187_500, 187_501, 1_000_000, 100_000_000].map(
  (rows) => rows * ROW,
);

/** Numbers from 0 to 1, the same at each run. */
function* random(): Generator<number, never> {
  for (let seed = 7; ; ) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield seed / 2_147_483_648;
  }
}

test("the bar is bounded, and its ends are the ends of the rows", () => {
  for (const total of TOTALS) {
    const map = new ScrollMap(total, VIEW);
    expect(map.height).toBeLessThanOrEqual(BAR_MOST);
    expect([map.toTop(0), map.toTop(map.barMost)]).toEqual([0, map.most]);
    expect([map.toBar(0), map.toBar(map.most)]).toEqual([0, map.barMost]);
    expect(map.toTop(map.barMost + 9)).toBe(map.most);
    expect(map.toTop(-9)).toBe(0);
  }
});

test("both maps never decrease, and one undoes the other", () => {
  const numbers = random();
  for (const total of TOTALS) {
    const map = new ScrollMap(total, VIEW);
    for (let i = 0; i < 500; i++) {
      const [a, b] = [numbers.next().value * map.barMost, numbers.next().value * map.barMost];
      expect(Math.sign(map.toTop(a) - map.toTop(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(map.toBar(map.toTop(a)) - a)).toBeLessThan(0.01);
      const top = numbers.next().value * map.most;
      expect(Math.abs(map.toTop(map.toBar(top)) - top)).toBeLessThan(0.01);
    }
  }
});

test("small steps are exact wherever they begin, and never leave the rows", () => {
  const numbers = random();
  for (const total of TOTALS) {
    const map = new ScrollMap(total, VIEW);
    let top = numbers.next().value * map.most;
    for (let i = 0; i < 500; i++) {
      const from = map.toBar(top);
      const step = (numbers.next().value - 0.5) * 2 * STEP_MOST;
      const to = Math.max(0, Math.min(from + step, map.barMost));
      const next = map.moved(top, from, to);
      expect(next).toBeGreaterThanOrEqual(0);
      expect(next).toBeLessThanOrEqual(map.most);
      expect(Math.abs(next - top - (to - from))).toBeLessThan(0.01);
      top = next;
    }
  }
});

test("a drag of the bar leads to the place that it shows", () => {
  const map = new ScrollMap(100_000_000 * ROW, VIEW);
  expect(map.moved(17, 17, map.barMost / 2)).toBeCloseTo(map.most / 2, 0);
  expect(map.isStretched).toBe(true);
  expect(new ScrollMap(3_000 * ROW, VIEW).isStretched).toBe(false);
});

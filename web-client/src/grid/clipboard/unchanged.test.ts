import { expect, test } from "vitest";
import type { CellValue } from "../../cells/values.ts";
import { unchanged } from "./unchanged.ts";

const AREA = { row: 10, col: 5, height: 3, width: 2 };
const COPIED: CellValue[][] = [
  ["a", 1],
  [null, true],
  ["", 5n],
];

test("cells without a change are one area", () => {
  const all = { areas: [AREA], changed: 0, sameShape: true };
  expect(unchanged(AREA, COPIED, structuredClone(COPIED))).toEqual(all);
});

test("the areas leave out a changed cell alone", () => {
  const now: CellValue[][] = [
    ["a", 1],
    [null, "true"],
    ["", 5n],
  ];
  expect(unchanged(AREA, COPIED, now)).toEqual({
    areas: [
      { row: 10, col: 5, height: 1, width: 2 },
      { row: 11, col: 5, height: 1, width: 1 },
      { row: 12, col: 5, height: 1, width: 2 },
    ],
    changed: 1,
    sameShape: true,
  });
});

test("an empty cell differs from an empty text, and a number from its text", () => {
  const now: CellValue[][] = [
    ["a", "1"],
    ["", true],
    [null, 5],
  ];
  expect(unchanged(AREA, COPIED, now).changed).toBe(4);
});

test("no cell is unchanged after rows or columns were added or deleted", () => {
  const taller = { ...AREA, height: 4 };
  const now = [...COPIED, ["a", 1]];
  expect(unchanged(taller, COPIED, now)).toEqual({ areas: [], changed: 8, sameShape: false });
  const narrow = COPIED.map(([value = null]) => [value]);
  expect(unchanged({ ...AREA, width: 1 }, COPIED, narrow).sameShape).toBe(false);
});

test("the areas contain each unchanged cell exactly once", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 200; round++) {
    const [height, width] = [1 + Math.floor(random() * 5), 1 + Math.floor(random() * 5)];
    const grid = () =>
      Array.from({ length: height }, () => Array.from({ length: width }, () => random() < 0.7));
    const [copied, now] = [grid(), grid()];
    const { areas, changed } = unchanged({ row: 3, col: 7, height, width }, copied, now);
    const found = areas.flatMap((area) =>
      Array.from({ length: area.height * area.width }, (_, i) => {
        const [y, x] = [Math.floor(i / area.width), i % area.width];
        return `${area.row + y - 3},${area.col + x - 7}`;
      }),
    );
    const same = now.flatMap((row, y) =>
      row.flatMap((value, x) => (value === copied[y]?.[x] ? [`${y},${x}`] : [])),
    );
    expect(found.sort()).toEqual(same.sort());
    expect(changed).toBe(height * width - same.length);
  }
});

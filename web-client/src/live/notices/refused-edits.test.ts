import { expect, test } from "vitest";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";
import { type Refused, RefusedEdits, type RefusedStorage, refusedText } from "./refused-edits.ts";

const cell = (row: number, column: string, text: string): UnsavedCell => ({ row, column, text });

/** A storage that outlives the page. */
function setUp() {
  const disk: { refused: Refused | undefined } = { refused: undefined };
  const storage: RefusedStorage = {
    read: async () => disk.refused,
    change: async (next) => {
      disk.refused = next(disk.refused);
    },
  };
  return { disk, storage };
}

test("refused cells outlive the page until they are copied or dismissed", async () => {
  const { disk, storage } = setUp();
  const page = new RefusedEdits(storage);
  page.keep([cell(1, "A", "x")]);
  expect(page.isAtRisk).toBe(true);
  await Promise.resolve();
  await Promise.resolve();
  expect(page.isAtRisk).toBe(false);
  const other = new RefusedEdits(storage);
  other.keep([cell(2, "A", "y")]);
  await Promise.resolve();

  const later = new RefusedEdits(storage);
  await later.load();
  await later.load();
  expect(later.list()).toEqual([cell(1, "A", "x"), cell(2, "A", "y")]);
  // The first page shows only its own cells, so it deletes no others.
  page.dismiss();
  await Promise.resolve();
  expect(Object.values(disk.refused ?? {})).toEqual([[cell(2, "A", "y")]]);
  later.copied();
  await Promise.resolve();
  expect([later.list().length, disk.refused]).toEqual([2, {}]);
});

test("without storage the cells stay on the page, and the browser asks before it leaves", async () => {
  const none = () => Promise.reject(new Error("no storage"));
  const page = new RefusedEdits({ read: none, change: none });
  await page.load();
  page.keep([cell(1, "A", "x")]);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  expect([page.isAtRisk, page.list().length]).toEqual([true, 1]);
  page.copied();
  expect([page.isAtRisk, page.list().length]).toEqual([false, 1]);
});

test("what is refused during a write is stored by one further write", async () => {
  const { disk, storage } = setUp();
  const ends: (() => void)[] = [];
  const slow: RefusedStorage = {
    read: storage.read,
    change: async (next) => {
      await storage.change(next);
      await new Promise<void>((resolve) => ends.push(resolve));
    },
  };
  const page = new RefusedEdits(slow);
  for (let row = 1; row <= 1_000; row++) page.keep([cell(row, "A", "x")]);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  expect([ends.length, page.list().length]).toEqual([1, 1_000]);
  ends[0]?.();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect([ends.length, page.isAtRisk]).toEqual([2, true]);
  ends[1]?.();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect([ends.length, page.isAtRisk]).toEqual([2, false]);
  expect(Object.values(disk.refused ?? {}).flat().length).toBe(1_000);
});

test("the first cells that fit are kept, and the others are counted, also on a later page", async () => {
  const { disk, storage } = setUp();
  const page = new RefusedEdits(storage, 150);
  page.keep([cell(1, "A", "x".repeat(20)), cell(2, "A", "y".repeat(20)), cell(3, "A", "z")]);
  page.keep([cell(4, "A", "x".repeat(1_000)), cell(5, "A", "x")]);
  page.keep([cell(6, "A", "x")], 5);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(page.list().map(({ row }) => row)).toEqual([1, 2]);
  expect(page.kept.get()).toEqual({ cells: 2, leftOut: 9 });
  expect(Object.keys(disk.refused ?? {}).length).toBe(2);

  const later = new RefusedEdits(storage);
  await later.load();
  expect(later.kept.get()).toEqual({ cells: 2, leftOut: 9 });
  later.dismiss();
  await Promise.resolve();
  expect([disk.refused, later.kept.get()]).toEqual([{}, { cells: 0, leftOut: 0 }]);
});

test("the person reads how many cells are kept", () => {
  expect(refusedText({ cells: 1, leftOut: 0 })).toMatch(/^1 cell could not be saved\. /);
  const text = refusedText({ cells: 2, leftOut: 9 });
  expect(text).toContain("11 cells could not be saved. 2 of 11 cells are kept;");
  const one = refusedText({ cells: 1, leftOut: 1 });
  expect(one).toContain("2 cells could not be saved. 1 of 2 cells is kept;");
  const none = refusedText({ cells: 0, leftOut: 9 });
  expect(none).toMatch(/^9 cells could not be saved, and there is no room to keep what you typed/);
});

test("what is refused after a copy, or a frame with left out cells, is kept", async () => {
  const { disk, storage } = setUp();
  const page = new RefusedEdits(storage, 150);
  page.keep([cell(1, "A", "x".repeat(20))], 5);
  page.keep([cell(2, "A", "y".repeat(20))]);
  page.keep([cell(3, "A", "x".repeat(20))]);
  expect(page.list().map(({ row }) => row)).toEqual([1, 2]);
  page.copied();
  page.keep([cell(4, "A", "x".repeat(20))]);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(page.kept.get()).toEqual({ cells: 3, leftOut: 6 });
  expect(Object.values(disk.refused ?? {})).toEqual([[cell(4, "A", "x".repeat(20))]]);
});

test("what is refused while the browser copies stays in it", async () => {
  const { disk, storage } = setUp();
  const page = new RefusedEdits(storage);
  page.keep([cell(1, "A", "x")], 2);
  const ids = page.ids();
  page.keep([cell(2, "A", "y")], 3);
  page.copied(ids);
  expect(page.isAtRisk).toBe(true);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  const later = new RefusedEdits(storage);
  await later.load();
  expect([later.list(), later.kept.get().leftOut]).toEqual([[cell(2, "A", "y")], 3]);
  page.copied();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(disk.refused).toEqual({});
});

test("a count that has grown since another page has read it is the same one", async () => {
  const { disk, storage } = setUp();
  const page = new RefusedEdits(storage);
  const other = new RefusedEdits(storage);
  for (const leftOut of [2, 3]) {
    page.keep([], leftOut);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    await other.load();
    expect(other.kept.get()).toEqual({ cells: 0, leftOut: 2 });
  }
  expect(Object.keys(disk.refused ?? {})).toEqual([expect.stringMatching(/\/5$/)]);
  other.dismiss();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(disk.refused).toEqual({});
});

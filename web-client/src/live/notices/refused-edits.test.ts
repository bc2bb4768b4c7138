import { expect, test } from "vitest";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";
import { type Refused, RefusedEdits, type RefusedStorage } from "./refused-edits.ts";

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
  expect(later.cells.get()).toEqual([cell(1, "A", "x"), cell(2, "A", "y")]);
  // The first page shows only its own cells, so it deletes no others.
  page.dismiss();
  await Promise.resolve();
  expect(Object.values(disk.refused ?? {})).toEqual([[cell(2, "A", "y")]]);
  later.copied();
  await Promise.resolve();
  expect([later.cells.get().length, disk.refused]).toEqual([2, {}]);
});

test("without storage the cells stay on the page, and the browser asks before it leaves", async () => {
  const none = () => Promise.reject(new Error("no storage"));
  const page = new RefusedEdits({ read: none, change: none });
  await page.load();
  page.keep([cell(1, "A", "x")]);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  expect([page.isAtRisk, page.cells.get().length]).toEqual([true, 1]);
  page.copied();
  expect([page.isAtRisk, page.cells.get().length]).toEqual([false, 1]);
});

import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ServerFrameSchema } from "../../gen/gridloom/v1/live_pb.ts";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";
import { gone, type Refused, RefusedEdits, type RefusedStorage } from "./refused-edits.ts";

const cell = (row: number, column: string, text: string): UnsavedCell => ({ row, column, text });

function rejected(code: Code) {
  const frame = { case: "rejected", value: { sequence: 1n, status: { code, message: "x" } } };
  return create(ServerFrameSchema, { frame } as never);
}

test.each<[string, UnsavedCell[], UnsavedCell[], UnsavedCell[]]>([
  ["all", [cell(1, "A", "x"), cell(2, "B", "y")], [], [cell(1, "A", "x"), cell(2, "B", "y")]],
  ["none, also where a row has moved", [cell(6, "A", "x")], [cell(5, "A", "x")], []],
  [
    "one of two with the same text",
    [cell(1, "A", "x"), cell(2, "A", "x")],
    [cell(1, "A", "x")],
    [cell(2, "A", "x")],
  ],
])("gone: %s", (_, before, after, found) => {
  expect(gone(before, after)).toEqual(found);
});

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

/** Refuses these cells, as the server does when the role ends. */
function refuse(kept: RefusedEdits, cells: UnsavedCell[]): void {
  let unsaved = cells;
  kept.during(
    rejected(Code.PermissionDenied),
    () => unsaved,
    () => {
      unsaved = [];
    },
  );
}

test("refused cells outlive the page until they are copied or dismissed", async () => {
  const { disk, storage } = setUp();
  const page = new RefusedEdits(storage);
  refuse(page, [cell(1, "A", "x")]);
  expect(page.isAtRisk).toBe(true);
  await Promise.resolve();
  await Promise.resolve();
  expect(page.isAtRisk).toBe(false);
  const other = new RefusedEdits(storage);
  refuse(other, [cell(2, "A", "y")]);
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
  refuse(page, [cell(1, "A", "x")]);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  expect([page.isAtRisk, page.cells.get().length]).toEqual([true, 1]);
  page.copied();
  expect([page.isAtRisk, page.cells.get().length]).toEqual([false, 1]);
});

test("cells that are refused for the role are kept until they are dismissed, and no others", () => {
  const kept = new RefusedEdits(setUp().storage);
  let unsaved = [cell(1, "A", "x"), cell(2, "A", "y")];
  const refuseFor = (code: Code) =>
    kept.during(
      rejected(code),
      () => unsaved,
      () => {
        unsaved = unsaved.slice(1);
      },
    );
  refuseFor(Code.InvalidArgument);
  expect(kept.cells.get()).toEqual([]);
  refuseFor(Code.PermissionDenied);
  expect(kept.cells.get()).toEqual([cell(2, "A", "y")]);
  kept.dismiss();
  expect(kept.cells.get()).toEqual([]);
});

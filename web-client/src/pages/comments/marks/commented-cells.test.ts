import { expect, test } from "vitest";
import type { CellId } from "../../../live/view/cell-id.ts";
import { CommentedCells } from "./commented-cells.ts";

/** A server with comments in column "c" of some rows, `most` of which are in an answer; each request waits until the test answers it. */
function setUp(rows: bigint[], most = 100) {
  const commented = new Set<bigint>();
  const requests: bigint[][] = [];
  const answers: { now: () => void; fail: () => void }[] = [];
  const timers: (() => void)[] = [];
  const cells = new CommentedCells({
    rowIds: () => rows,
    load: (rowIds) => {
      requests.push(rowIds);
      const found = rowIds.filter((rowId) => commented.has(rowId));
      const cells: CellId[] = found.map((rowId) => ({ rowId, columnId: "c" })).slice(0, most);
      const answered = { cells, cellsLeftOut: found.length > most };
      return new Promise((resolve, reject) => {
        answers.push({ now: () => resolve(answered), fail: () => reject(new Error("away")) });
      });
    },
    after: (_, then) => {
      timers.push(then);
      return () => timers.splice(timers.indexOf(then), 1);
    },
  });
  const answer = async (how: "now" | "fail" = "now") => {
    answers.shift()?.[how]();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const marked = () => [...(cells.corners.get().get("c") ?? [])];
  return { rows, commented, requests, timers, cells, answer, marked };
}

test("the cells of loaded rows are loaded once", async () => {
  const { rows, commented, requests, cells, answer, marked } = setUp([1n, 2n, 0n]);
  commented.add(2n);
  cells.look();
  cells.look();
  await answer();
  expect(marked()).toEqual([2n]);
  rows.push(7n);
  cells.look();
  await answer();
  expect(requests).toEqual([[1n, 2n], [7n]]);
});

test("a comment that is made while the cells are loaded is not lost", async () => {
  const { commented, requests, cells, answer, marked } = setUp([1n, 2n]);
  cells.look();
  commented.add(1n);
  cells.changed(1n);
  await answer();
  expect(marked()).toEqual([]);
  await answer();
  expect(requests).toEqual([[1n, 2n], [1n]]);
  expect(marked()).toEqual([1n]);
});

test("cells that an answer leaves out are asked for in smaller parts", async () => {
  const { commented, requests, cells, answer, marked } = setUp([1n, 2n, 3n, 4n, 5n], 2);
  for (const rowId of [1n, 3n, 4n, 5n]) commented.add(rowId);
  cells.look();
  for (let answers = 0; answers < 5; answers++) await answer();
  expect(requests).toEqual([[1n, 2n, 3n, 4n, 5n], [1n, 2n], [3n, 4n, 5n], [3n], [4n, 5n]]);
  expect(marked()).toEqual([1n, 3n, 4n, 5n]);
});

test("a mark stays until the new answer is there, and goes with the last open comment", async () => {
  const { commented, cells, answer, marked } = setUp([1n]);
  commented.add(1n);
  cells.look();
  await answer();
  commented.clear();
  cells.changed(undefined);
  expect(marked()).toEqual([1n]);
  await answer();
  expect(marked()).toEqual([]);
});

test("a failed request is made again later", async () => {
  const { commented, requests, timers, cells, answer, marked } = setUp([1n]);
  commented.add(1n);
  cells.look();
  await answer("fail");
  expect(timers).toHaveLength(1);
  timers[0]?.();
  await answer();
  expect(requests).toHaveLength(2);
  expect(marked()).toEqual([1n]);
  cells.stop();
  expect(marked()).toEqual([]);
});

test("equal marks are not drawn again", async () => {
  const { commented, cells, answer } = setUp([1n]);
  commented.add(1n);
  cells.look();
  await answer();
  const before = cells.corners.get();
  commented.add(1n);
  cells.changed(1n);
  await answer();
  expect(cells.corners.get()).toBe(before);
});

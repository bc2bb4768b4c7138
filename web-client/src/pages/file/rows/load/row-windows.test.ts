import { expect, test } from "vitest";
import type { Lines } from "../../../../cells/area.ts";
import { type LoadedRows, RowWindows, WINDOW_COLUMNS, WINDOW_ROWS } from "./row-windows.ts";

interface Call {
  rows: Lines;
  cols: Lines;
  signal: AbortSignal;
  answer: (count?: number, text?: string) => Promise<void>;
  fail: (error: unknown) => Promise<void>;
}

const flush = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

/** A table whose calls are answered by the test. */
function table(rows: number, columns = 3) {
  const calls: Call[] = [];
  const timers: { millis: number; run: () => void }[] = [];
  const windows = new RowWindows({
    rows,
    columns,
    isTransient: (error) => error === "away",
    after: (millis, run) => {
      const timer = { millis, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    load: (rows, cols, signal) =>
      new Promise<LoadedRows>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
        const cells = (count: number, text: string) =>
          Array.from({ length: count }, (_, y) =>
            Array.from(
              { length: cols.count },
              (_, x) => `${text}${rows.start + y}/${cols.start + x}`,
            ),
          );
        const answer = async (count = rows.count, text = "") => {
          const positions = Array.from({ length: count }, (_, y) => 10 * (rows.start + y));
          resolve({ cells: cells(count, text), positions });
          await flush();
        };
        const fail = async (error: unknown) => {
          reject(error);
          await flush();
        };
        calls.push({ rows, cols, signal, answer, fail });
      }),
  });
  const tick = async () => {
    for (const { run } of timers.splice(0)) run();
    await flush();
  };
  return { windows, calls, timers, tick };
}

const COLS = { start: 0, count: 3 };
const rows = (start: number, count = 25) => ({ start, count });
const firsts = (calls: readonly Call[]) => calls.map(({ rows }) => rows.start);

test("the window on the screen loads first, then the next one in the direction of the movement", async () => {
  const { windows, calls, tick } = table(10_000);
  windows.show(rows(190), COLS);
  windows.show(rows(410), COLS);
  expect(calls).toEqual([]);
  await tick();
  expect(firsts(calls)).toEqual([400, 600]);
  expect(windows.cell(410, 2)).toBeUndefined();
  await calls[0]?.answer();
  expect(windows.cell(410, 2)).toBe("410/2");
  windows.show(rows(405), COLS);
  await tick();
  expect(firsts(calls)).toEqual([400, 600, 200]);
  expect(calls[1]?.signal.aborted).toBe(true);
});

test("the last window has the rest of the rows, and nothing is asked for after the end", async () => {
  const { windows, calls, tick } = table(WINDOW_ROWS + 7);
  windows.show(rows(WINDOW_ROWS), COLS);
  await tick();
  expect(calls.map(({ rows }) => rows)).toEqual([{ start: WINDOW_ROWS, count: 7 }]);
  const none = table(0);
  none.windows.show(rows(0, 0), COLS);
  await none.tick();
  expect(none.calls).toEqual([]);
});

test("an answer with fewer rows is shown, and the rest is asked for", async () => {
  const { windows, calls, tick } = table(150);
  windows.show(rows(0), COLS);
  await tick();
  await calls[0]?.answer(40);
  expect(windows.cell(39, 0)).toBe("39/0");
  expect(windows.cell(40, 0)).toBeUndefined();
  expect(calls[1]?.rows).toEqual({ start: 40, count: 110 });
  await calls[1]?.answer();
  expect(windows.cells(rows(0, 150), COLS)).toHaveLength(150);
});

test("rows of a view come with their positions in the table", async () => {
  const { windows, calls, tick } = table(150);
  windows.show(rows(0), COLS);
  await tick();
  expect(windows.position(0, 0)).toBeUndefined();
  await calls[0]?.answer(40);
  await calls[1]?.answer();
  expect([0, 39, 40, 149].map((row) => windows.position(row, 2))).toEqual([0, 390, 400, 1_490]);
  expect(windows.position(0, WINDOW_COLUMNS)).toBeUndefined();
});

test("only the columns on the screen are asked for", async () => {
  const { windows, calls, tick } = table(10, 20_000);
  windows.show(rows(0, 10), { start: WINDOW_COLUMNS * 4 - 1, count: 2 });
  await tick();
  expect(calls.map(({ cols }) => cols.start)).toEqual([3, 4].map((at) => at * WINDOW_COLUMNS));
});

test("a call that fails for a while is repeated after longer and longer pauses", async () => {
  const { windows, calls, timers, tick } = table(10);
  windows.show(rows(0, 10), COLS);
  await tick();
  await calls[0]?.fail("away");
  expect(windows.problem.get()).toBe("away");
  const pauses = [timers[0]?.millis];
  await tick();
  await calls[1]?.fail("away");
  pauses.push(timers[0]?.millis);
  expect(pauses).toEqual([2_000, 4_000]);
  await tick();
  await calls[2]?.answer();
  expect(windows.problem.get()).toBeUndefined();
  expect(windows.cell(9, 0)).toBe("9/0");
});

test("a call that can't succeed is repeated only by the person", async () => {
  const { windows, calls, timers, tick } = table(10);
  windows.show(rows(0, 10), COLS);
  await tick();
  await calls[0]?.fail("changed");
  expect(timers).toEqual([]);
  windows.show(rows(1, 9), COLS);
  await tick();
  expect(calls).toHaveLength(1);
  windows.again();
  expect(calls).toHaveLength(2);
});

test("what is kept is bounded, and what is on the screen stays", async () => {
  const { windows, calls, tick } = table(1_000_000, 1);
  const large = "x".repeat(60_000);
  for (const start of [0, 10_000, 20_000]) {
    windows.show(rows(start), COLS);
    await tick();
    for (const call of calls.splice(0)) await call.answer(undefined, large);
  }
  expect(windows.cell(20_000, 0)).toBeDefined();
  expect(windows.cell(0, 0)).toBeUndefined();
});

test("nothing is asked for after the table is closed", async () => {
  const { windows, calls, tick } = table(1_000);
  windows.show(rows(0), COLS);
  await tick();
  windows.close();
  await flush();
  expect(calls.every(({ signal }) => signal.aborted)).toBe(true);
  await tick();
  expect(calls).toHaveLength(2);
});

// A cut whose clipboard is slow, while others edit: it clears only cells with their copied values.
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Engine } from "../engine/pkg/web_engine.js";
import type { Area } from "../src/cells/area.ts";
import { clearCopied } from "../src/grid/clipboard/cut.ts";
import { readAll } from "../src/grid/edits/read-values.ts";
import { toasts } from "../src/ui/toasts.ts";
import { change, load, loadEngine, open, receive } from "./opened.ts";
import { sheetOver } from "./sheet-over.ts";

const COLUMN = { row: 0, col: 0, height: 3, width: 1 };

beforeAll(loadEngine);
beforeEach(() => toasts.set([]));

const notices = () => toasts.get().map(({ text }) => text);
const column = (engine: Engine, count = 4) =>
  Array.from({ length: count }, (_, row) => engine.cell(row, 0));

/** Another person writes into a cell of the first column. */
function write(engine: Engine, row: number, value: string): void {
  const values = [{ kind: { case: "text", value } as const }];
  receive(engine, change({ cells: [{ row, col: 0, width: 1, values }] }));
}

/** A sheet with copied areas; returns how to clear them. */
function copied(all: readonly Area[] = [COLUMN]) {
  const engine = open();
  load(engine, ["a", "b", "c", "d", "e"]);
  const sheet = sheetOver(engine);
  const hold = sheet.hold(all);
  const blocks = readAll(sheet, all) ?? [];
  return { engine, clear: () => clearCopied(sheet, hold, blocks) };
}

test("a cut clears the copied cells", async () => {
  const { engine, clear } = copied();
  expect(await clear()).toBe(true);
  expect([column(engine), notices()]).toEqual([[null, null, null, "d"], []]);
});

test("a cell that others changed keeps its value, with a notice", async () => {
  const { engine, clear } = copied();
  write(engine, 1, "new");
  expect(await clear()).toBe(false);
  expect(column(engine)).toEqual([null, "new", null, "d"]);
  const text = "1 cell changed while you cut it. It was copied as it was, but not cleared.";
  expect(notices()).toEqual([text]);
});

test("cells are cleared at their present position", async () => {
  const { engine, clear } = copied();
  const rows = [{ run: { case: "insert", value: { count: 1, firstId: 500n } } } as const];
  receive(engine, change({ rows }));
  expect(await clear()).toBe(true);
  expect(column(engine, 5)).toEqual([null, null, null, null, "d"]);
});

test("after a row was inserted among the cells, all keep their values, with a notice", async () => {
  const { engine, clear } = copied();
  const insert = { case: "insert", value: { count: 1, firstId: 500n } } as const;
  receive(engine, change({ rows: [{ run: { case: "keep", value: 1 } }, { run: insert }] }));
  expect(await clear()).toBe(false);
  expect(column(engine)).toEqual(["a", null, "b", "c"]);
  expect(notices()[0]).toContain("were added or deleted among the cells that you cut");
});

test("several areas are cleared by one edit", async () => {
  const row = (row: number) => ({ row, col: 0, height: 1, width: 2 });
  const { engine, clear } = copied([row(0), row(2)]);
  expect(await clear()).toBe(true);
  expect(column(engine)).toEqual([null, "b", null, "d"]);
  expect(engine.pending()).toBe(1);
});

test("cells that must be loaded again are compared when they are loaded", async () => {
  const engine = open();
  const sheet = sheetOver(engine);
  const cleared = clearCopied(sheet, sheet.hold([COLUMN]), [[["a"], ["b"], ["c"]]]);
  load(engine, ["a", "new", "c", "d"]);
  expect(await cleared).toBe(false);
  expect(column(engine)).toEqual([null, "new", null, "d"]);
  expect(notices()).toHaveLength(1);
});

test("areas that are deleted while they load cause a notice, and no other cell is cleared", async () => {
  const engine = open();
  const sheet = sheetOver(engine);
  const cleared = clearCopied(sheet, sheet.hold([COLUMN]), [[["a"], ["b"], ["c"]]]);
  receive(engine, change({ rows: [{ run: { case: "delete", value: 3 } }] }));
  expect(await cleared).toBe(false);
  expect([engine.pending(), notices()]).toEqual([0, ["This row was deleted by Ada."]]);
});

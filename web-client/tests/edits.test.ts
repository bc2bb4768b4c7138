// Gestures in several edits, of which a later one is refused: a notice describes the part that was done.
import { create, toBinary } from "@bufbuild/protobuf";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Engine } from "../engine/pkg/web_engine.js";
import type { CellValue } from "../src/cells/values.ts";
import { ColumnKind, ColumnSettingsSchema } from "../src/gen/gridloom/v1/values_pb.ts";
import { clearAreas, fillArea, paste } from "../src/grid/edits/edits.ts";
import type { Texts } from "../src/live/engine/texts.ts";
import { toasts } from "../src/ui/toasts.ts";
import { load, loadEngine, open } from "./opened.ts";
import { sheetOver } from "./sheet-over.ts";

/** A text above the limit of a cell. */
const LONG = "x".repeat(70_000);

beforeAll(loadEngine);
beforeEach(() => toasts.set([]));

function opened(): Engine {
  const engine = open();
  load(engine);
  return engine;
}

function pasted(engine: Engine, rows: CellValue[][], cells: number) {
  const at = { row: 1, col: 0, height: 1, width: 1 };
  return paste<CellValue>(sheetOver(engine, cells), at, rows, (value) => value ?? null);
}

const notices = () => toasts.get().map(({ text }) => text);

test("an interrupted paste selects the written part; a notice names its size and the reason", () => {
  const engine = opened();
  const rows = ["a", "b", "c", "d", LONG].map((value) => [value]);
  expect(pasted(engine, rows, 2)).toEqual({ row: 1, col: 0, height: 4, width: 1 });
  expect([1, 2, 3, 4, 5].map((row) => engine.cell(row, 0))).toEqual(["a", "b", "c", "d", null]);
  const [text, ...others] = notices();
  expect(text).toMatch(
    /^4 of 5 rows were pasted\. The rest can't be done: .*65536.*\. Undo it with Ctrl Z\.$/,
  );
  expect(others).toEqual([]);
  expect(toasts.get()[0]?.stays).toBe(true);
  expect(engine.pending()).toBe(2);
});

test("a paste with values that a column refuses writes nothing, and names the first", () => {
  const engine = open(undefined, { columnSettings: true });
  load(engine);
  const settings = create(ColumnSettingsSchema, { options: ["Open", "Done"], refuse: true });
  const bytes = toBinary(ColumnSettingsSchema, settings);
  engine.updateColumn(0, undefined, ColumnKind.CHOICE, undefined, bytes);
  const before = [1, 2, 3].map((row) => engine.cell(row, 0));
  const rows = [["open"], ["maybe"], ["never"]];
  const at = { row: 1, col: 0, height: 1, width: 1 };
  const read = (field: string | undefined, texts: Texts) => texts.pasted(field ?? "");
  expect(paste(sheetOver(engine), at, rows, read)).toBeUndefined();
  expect([1, 2, 3].map((row) => engine.cell(row, 0))).toEqual(before);
  expect(notices()).toEqual([
    expect.stringMatching(/^Nothing was pasted: 2 values .* “maybe” in .*, row 3: expected one of/),
  ]);
  expect(paste(sheetOver(engine), at, [["open"], ["DONE"]], read)?.height).toBe(2);
  expect([1, 2].map((row) => engine.cell(row, 0))).toEqual(["Open", "Done"]);
});

test("the notice on a paste of one row uses the singular", () => {
  expect(pasted(opened(), [["a"], [LONG]], 1)?.height).toBe(1);
  expect(notices()[0]).toMatch(/^1 of 2 rows was pasted\. .* Undo it with Ctrl Z\.$/);
});

test("a paste whose first edit is refused writes nothing, and leaves the notice to the sheet", () => {
  const engine = opened();
  expect(pasted(engine, [[LONG], ["a"]], 1)).toBeUndefined();
  expect([engine.pending(), notices()]).toEqual([0, []]);
});

test("a paste in several edits is one group, which one undo takes back: no notice", () => {
  const engine = opened();
  const groups: bigint[] = [];
  const setGroup = engine.setGroup.bind(engine);
  engine.setGroup = (group) => {
    groups.push(group);
    setGroup(group);
  };
  expect(pasted(engine, [["a"], ["b"], ["c"]], 1)?.height).toBe(3);
  expect([groups.length, new Set(groups).size]).toEqual([3, 1]);
  expect(pasted(engine, [["a"], ["b"], ["c"]], 1)?.height).toBe(3);
  expect([groups.length, new Set(groups).size]).toEqual([6, 2]);
  expect(notices()).toEqual([]);
  expect(pasted(opened(), [["a"], ["b"], ["c"]], 3)?.height).toBe(3);
  expect(notices()).toEqual([]);
});

test("steps that the engine joins before sending are one undo", () => {
  const engine = opened();
  const at = { row: 1, col: 0, height: 1, width: 1 };
  const rows = ["a", "b", "c", LONG].map((value) => [value]);
  paste<CellValue>(sheetOver(engine, 1, false), at, rows, (value) => value ?? null);
  expect(engine.pending()).toBe(1);
  expect(notices()[0]).toMatch(/^3 of 4 rows were pasted\. .* Undo it with Ctrl Z\.$/);
});

test("the notice on an interrupted fill or clear names the part that was done", () => {
  const engine = opened();
  const fill = { row: 0, col: 0, height: 3, width: 1 };
  fillArea(sheetOver(engine, 2), fill, (y) => (y === 2 ? LONG : y));
  expect(notices()[0]).toMatch(/^2 of 3 rows were filled\./);
  toasts.set([]);
  // The sheet has 100 rows.
  clearAreas(sheetOver(engine, 2), [{ row: 98, col: 0, height: 4, width: 1 }]);
  expect(notices()[0]).toMatch(/^2 of 4 cells were cleared\. .* Undo it with Ctrl Z\.$/);
});

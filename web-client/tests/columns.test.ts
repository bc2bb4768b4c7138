// Edits of a column while others edit it, over a real engine.
import { create, toBinary } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import { wholeColumn } from "../src/cells/area.ts";
import { ColumnKind, ColumnSettingsSchema } from "../src/gen/gridloom/v1/values_pb.ts";
import { setKind } from "../src/grid/edits/column-kind.ts";
import { retagCell } from "../src/grid/edits/edits.ts";
import { heldColumn } from "../src/grid/edits/use-column.ts";
import { readCell, takeCell } from "../src/grid/keyboard/take-cell.ts";
import { change, load, loadEngine, open, receive, sent } from "./opened.ts";
import { sheetOver } from "./sheet-over.ts";

beforeAll(loadEngine);

test("settings leave the kind that others choose at the same time", () => {
  const engine = open(undefined, { columnSettings: true });
  const sheet = sheetOver(engine);
  expect(setKind(sheet, 1, ColumnKind.NUMBER)).toBe(true);
  expect(engine.pending()).toBe(0);
  const settings = toBinary(ColumnSettingsSchema, create(ColumnSettingsSchema, { decimals: 2 }));
  expect(setKind(sheet, 1, ColumnKind.NUMBER, settings)).toBe(true);
  receive(engine, change({ columns: [{ col: 1, kind: ColumnKind.TEXT }] }));
  const column = sheet.layout.get().columns[1];
  expect([column?.kind, column?.settings?.decimals]).toEqual([ColumnKind.TEXT, 2]);
});

test("a held column is found where others have moved it, and is undefined when they delete it", () => {
  const engine = open();
  const sheet = sheetOver(engine);
  const hold = sheet.hold([wholeColumn(1)]);
  const inserted = { run: { case: "insert", value: { count: 1, firstId: 500n } } } as const;
  receive(engine, change({ cols: [inserted] }));
  const found = heldColumn(sheet, hold);
  expect([found?.col, found?.column.name]).toEqual([2, "Count"]);
  const kept = { run: { case: "keep", value: 2 } } as const;
  receive(engine, change({ cols: [kept, { run: { case: "delete", value: 1 } }] }, 9n));
  expect(heldColumn(sheet, hold)).toBeUndefined();
  hold.release();
});

test("two persons who choose the same option of a cell have it once", () => {
  const engine = open([ColumnKind.CHOICES, ColumnKind.NUMBER], { columnSettings: true });
  load(engine, ["a", "a, b"]);
  const sheet = sheetOver(engine);
  const value = { kind: { case: "text", value: "a, red" } } as const;
  receive(engine, change({ cells: [{ row: 0, col: 0, width: 1, values: [value] }] }));
  expect(retagCell(sheet, 0, 0, "a", "a, red")).toBe(true);
  expect([engine.cell(0, 0), engine.pending()]).toEqual(["a, red", 0]);
  retagCell(sheet, 0, 0, "a", "a, blue");
  expect(engine.cell(0, 0)).toBe("a, red, blue");
  retagCell(sheet, 0, 0, "a, blue", "");
  expect(engine.cell(0, 0)).toBe("red");
  retagCell(sheet, 1, 0, "a, b", "b, a");
  expect(engine.cell(1, 0)).toBe("b, a");
  retagCell(sheet, 1, 0, "b, a", "");
  expect(engine.cell(1, 0)).toBeNull();
});

/** A person who has made `to` of the options in the first cell, which the server has not answered yet. */
function retagged(text: string, to: string) {
  const engine = open([ColumnKind.CHOICES, ColumnKind.NUMBER], { columnSettings: true });
  load(engine, [text]);
  retagCell(sheetOver(engine, 100_000, false), 0, 0, text, to);
  const deltas = sent(engine).flatMap(({ frame }) =>
    frame.case === "edit" && frame.value.change.case === "delta" ? [frame.value.change.value] : [],
  );
  return { engine, deltas };
}

test.each([
  ["abc, abd, x", "abd, x", "abc, x", "x"],
  ["bug, bugfix, ui", "bugfix, ui", "bug, ui", "ui"],
  ["bug, bugfix", "bugfix", "bug, bugfix, buggy", "bugfix, buggy"],
  ["abc, abd, abe, x", "abe, x", "abc, abd, x", "x"],
])("%j: one person makes %j of it, the other %j at the same time: %j", (text, to, also, both) => {
  const [one, other] = [retagged(text, to), retagged(text, also)];
  expect([one.deltas.length, other.deltas.length]).toEqual([1, 1]);
  for (const delta of other.deltas) receive(one.engine, change(delta));
  for (const delta of one.deltas) receive(other.engine, change(delta));
  expect([one.engine.cell(0, 0), other.engine.cell(0, 0)]).toEqual([both, both]);
});

test("options that others add to an empty cell while it is edited stay", () => {
  const engine = open([ColumnKind.CHOICES, ColumnKind.NUMBER], { columnSettings: true });
  load(engine, ["", "", "a"]);
  const sheet = sheetOver(engine);
  const cells = [0, 1, 2].map((row) => takeCell(sheet, [0, row]));
  const opened = readCell(sheet, [0, 0]);
  expect(opened?.text).toBe("");
  const values = ["blue", "blue", "blue"].map((value) => ({
    kind: { case: "text", value } as const,
  }));
  receive(engine, change({ cells: [{ row: 0, col: 0, width: 1, values }] }));
  cells[0]?.write("red", opened?.from);
  // What is typed over a value replaces it.
  for (const cell of cells.slice(1)) cell?.write("red", undefined);
  expect([0, 1, 2].map((row) => engine.cell(row, 0))).toEqual(["blue, red", "blue, red", "red"]);
});

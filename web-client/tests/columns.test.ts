// Edits of a column while others edit it, over a real engine.
import { create, toBinary } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import { wholeColumn } from "../src/cells/area.ts";
import { ColumnKind, ColumnSettingsSchema } from "../src/gen/gridloom/v1/values_pb.ts";
import { setKind } from "../src/grid/edits/column-kind.ts";
import { retagCell } from "../src/grid/edits/edits.ts";
import { heldColumn } from "../src/grid/edits/use-column.ts";
import { change, load, loadEngine, open, receive } from "./opened.ts";
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

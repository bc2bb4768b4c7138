// The engine of the browser, loaded in Node: values and errors across the WebAssembly boundary.
import { fromBinary } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import { Engine, Gesture } from "../engine/pkg/web_engine.js";
import { HelloSchema } from "../src/gen/gridloom/v1/live_pb.ts";
import { SheetSchema } from "../src/gen/gridloom/v1/sheets_pb.ts";
import { ColumnKind } from "../src/gen/gridloom/v1/values_pb.ts";
import { change, load, loadEngine, open, receive, sent, welcome } from "./opened.ts";

beforeAll(loadEngine);

test("the Hello contains the sheet's id, and the Welcome gives the session id", () => {
  const engine = new Engine("sheet", 7n);
  expect(fromBinary(HelloSchema, engine.hello()).sheetId).toBe("sheet");
  expect(receive(engine, welcome()).sessionId).toBe("session");
});

test("an open sheet has its layout, and its cells when they are loaded", () => {
  const engine = open();
  const sheet = fromBinary(SheetSchema, engine.sheet());
  expect([sheet.name, sheet.rowCount]).toEqual(["Stock", 100]);
  expect(sheet.columns.map(({ name }) => name)).toEqual(["Item", "Count"]);
  expect(engine.cell(0, 0)).toBeUndefined();
  expect(sent(engine).map(({ frame }) => frame.case)).toContain("look");
  const kinds = [
    { case: "text", value: "é" },
    { case: "bool", value: true },
    { case: "number", value: 1.5 },
    { case: "datetimeMicros", value: -1n },
  ] as const;
  const rows = kinds.map((kind, i) => ({ rowId: BigInt(i + 1), values: [{ kind }] }));
  const window = { revision: 7n, startRow: 0, startCol: 0, columnCount: 2, rows, last: true };
  expect(receive(engine, { case: "window", value: window }).cells).toBe(true);
  expect([0, 1, 2, 3].map((row) => engine.cell(row, 0))).toEqual(["é", true, 1.5, -1n]);
  expect(engine.cell(0, 1)).toBeNull();
});

test("a text that reads as a number is a misfit that says how it becomes one", () => {
  const engine = open([ColumnKind.NUMBER, ColumnKind.TEXT]);
  load(engine, ["12", "about 12"]);
  expect(engine.misfit(0, 0)).toBe("a text; enter it without an apostrophe to make it a number");
  expect(engine.misfit(1, 0)).toBe("expected a number");
  expect(engine.misfits(0, 2, 0, ColumnKind.NUMBER)).toBe(2);
});

test("a server that does not send that it knows days has no columns of them", () => {
  const engine = open();
  for (const kind of [ColumnKind.DATE, ColumnKind.CHOICE])
    expect(engine.knowsKind(kind)).toBe(false);
  expect([engine.knowsSettings(), engine.knowsKind(ColumnKind.NUMBER)]).toEqual([false, true]);
  expect(() => engine.updateColumn(0, undefined, ColumnKind.DATE)).toThrow("earlier release");
  expect(new Engine("sheet", 7n).knowsKind(ColumnKind.CHOICE)).toBe(true);
});

test("an edit is pending until it is accepted", () => {
  const engine = open();
  engine.setCells(3, 0, 2, ["a", 1, null, -5n]);
  expect(engine.pending()).toBe(1);
  const edit = sent(engine).find(({ frame }) => frame.case === "edit")?.frame;
  expect(edit?.case === "edit" && edit.value.change.case).toBe("delta");
  receive(engine, { case: "accepted", value: { sequence: 1n, revision: 8n } });
  expect(engine.pending()).toBe(0);
});

test("changes of others list their cells and move the marks", () => {
  const engine = open();
  engine.setMarks(Uint32Array.of(5, 6), Uint32Array.of(1, 2));
  const value = { kind: { case: "text", value: "x" } } as const;
  const summary = receive(
    engine,
    change({
      rows: [{ run: { case: "insert", value: { count: 2, firstId: 500n } } }],
      cells: [{ row: 0, col: 1, width: 1, values: [value] }],
    }),
  );
  expect([...summary.touched]).toEqual([0, 1]);
  expect([summary.layout, summary.marks]).toEqual([true, true]);
  expect([...engine.rowMarks()]).toEqual([7, 8]);
  expect([...engine.colMarks()]).toEqual([1, 2]);
});

test("a refused edit is rolled back, with the server's message", () => {
  const engine = open();
  engine.deleteRows(0, 10);
  sent(engine);
  const status = { code: 8, message: "too many edits" };
  const summary = receive(engine, { case: "rejected", value: { sequence: 1n, status } });
  expect(summary.refused).toEqual(["too many edits"]);
  expect(fromBinary(SheetSchema, engine.sheet()).rowCount).toBe(100);
});

test("invalid input throws an error and leaves the engine usable", () => {
  const engine = open();
  expect(() => engine.receive(Uint8Array.of(255, 1, 2))).toThrow();
  expect(() => engine.setCells(500, 0, 1, ["a"])).toThrow();
  expect(() => engine.setCells(0, 0, 2, ["a"])).toThrow();
  expect(() => engine.setCells(0, 0, 1, [{} as never])).toThrow();
  expect(() => engine.setCells(0, 0, 1, [Number.NaN])).toThrow();
  expect(() => engine.moveRows(90, 20, 0)).toThrow();
  expect(() => engine.updateColumn(0, undefined, 99)).toThrow();
  expect(engine.pending()).toBe(0);
  engine.setCells(0, 0, 1, ["a"]);
  expect(engine.pending()).toBe(1);
});

test("a gesture is one edit: rows, columns and cells", () => {
  const engine = open();
  const gesture = new Gesture();
  gesture.insertRows(100, 2);
  gesture.insertCols(2, 1);
  gesture.setCells(100, 1, 2, ["a", 1, "b", 2]);
  engine.make(gesture);
  expect(engine.pending()).toBe(1);
  const sheet = fromBinary(SheetSchema, engine.sheet());
  expect([sheet.rowCount, sheet.columns.length]).toEqual([102, 3]);
  expect([engine.cell(101, 1), engine.cell(101, 2)]).toEqual(["b", 2]);
  const runs = new Gesture();
  for (const at of [9, 5, 1]) runs.deleteRows(at, 1);
  engine.make(runs);
  expect(engine.pending()).toBe(2);
  expect(fromBinary(SheetSchema, engine.sheet()).rowCount).toBe(99);
  expect(() => engine.make(beyond())).toThrow("row");
  expect(engine.pending()).toBe(2);
});

function beyond(): Gesture {
  const gesture = new Gesture();
  gesture.setCells(5_000, 0, 1, ["x"]);
  return gesture;
}

test("a hold follows its row and names the account that deleted it", () => {
  const engine = open();
  const hold = engine.hold(Uint32Array.of(5, 1, 1, 1)) ?? 0;
  engine.insertRows(0, 1);
  expect([...engine.held(hold)]).toEqual([6, 1, 1, 1]);
  expect(engine.lost(hold)).toBeUndefined();
  // The server's row 5 is row 6 here.
  receive(
    engine,
    change({
      rows: [{ run: { case: "keep", value: 5 } }, { run: { case: "delete", value: 1 } }],
    }),
  );
  expect([...engine.held(hold)]).toEqual([0, 0, 0, 0]);
  const lost = engine.lost(hold);
  expect([lost?.rows, lost?.cause, lost?.author]).toEqual([true, "other", "other"]);
  engine.release(hold);
  expect([...engine.held(hold)]).toEqual([]);
});

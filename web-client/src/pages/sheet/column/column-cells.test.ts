// Which texts of the loaded cells are offered as options.
import { beforeAll, expect, test } from "vitest";
import { change, load, loadEngine, open, receive } from "../../../../tests/opened.ts";
import { sheetOver } from "../../../../tests/sheet-over.ts";
import { wholeColumn } from "../../../cells/area.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { heldCells, readCells } from "./column-cells.ts";

beforeAll(loadEngine);

const DELETED = { run: { case: "delete", value: 1 } } as const;

test("a text is offered where its bytes are within the limit of an option", () => {
  const engine = open();
  load(engine, ["a", "é".repeat(128), "é".repeat(129), "€".repeat(86)]);
  const sheet = { ...sheetOver(engine), loaded: () => ({ start: 0, count: 4 }) };
  const { texts } = readCells(sheet as unknown as LiveSheet, 0);
  expect([...texts.keys()]).toEqual(["a", "é".repeat(128)]);
});

test("the cells of a held column are found where others have moved it", () => {
  const engine = open();
  load(engine, ["a", "b"]);
  const over = { ...sheetOver(engine), loaded: () => ({ start: 0, count: 2 }) };
  const sheet = over as unknown as LiveSheet;
  const hold = sheet.hold([wholeColumn(0)]);
  const inserted = { run: { case: "insert", value: { count: 1, firstId: 500n } } } as const;
  receive(engine, change({ cols: [inserted] }));
  expect([...heldCells(sheet, hold).texts.keys()]).toEqual(["a", "b"]);
  receive(engine, change({ cols: [{ run: { case: "keep", value: 1 } }, DELETED] }, 9n));
  expect(heldCells(sheet, hold)).toEqual({ texts: new Map(), numbers: [] });
  hold.release();
});

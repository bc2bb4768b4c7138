// Which texts of the loaded cells are offered as options.
import { beforeAll, expect, test } from "vitest";
import { load, loadEngine, open } from "../../../../tests/opened.ts";
import { sheetOver } from "../../../../tests/sheet-over.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { readCells } from "./column-cells.ts";

beforeAll(loadEngine);

test("a text is offered where its bytes are within the limit of an option", () => {
  const engine = open();
  load(engine, ["a", "é".repeat(128), "é".repeat(129), "€".repeat(86)]);
  const sheet = { ...sheetOver(engine), loaded: () => ({ start: 0, count: 4 }) };
  const { texts } = readCells(sheet as unknown as LiveSheet, 0);
  expect([...texts.keys()]).toEqual(["a", "é".repeat(128)]);
});

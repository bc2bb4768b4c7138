// Which texts of cells are offered as options: by the kind that is chosen, not by the one of the column.
import { beforeAll, expect, test } from "vitest";
import { load, loadEngine, open } from "../../../../tests/opened.ts";
import { sheetOver } from "../../../../tests/sheet-over.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { readCells } from "./column-cells.ts";

beforeAll(loadEngine);

test("a text of several options is taken apart where several are chosen", () => {
  const engine = open();
  load(engine, ["bug, ui", "ui", '"a, b", bug']);
  const sheet = { ...sheetOver(engine), loaded: () => ({ start: 0, count: 3 }) };
  const textsBy = (kind?: ColumnKind) => [
    ...readCells(sheet as unknown as LiveSheet, 0, kind).texts.keys(),
  ];
  expect(textsBy(ColumnKind.CHOICES)).toEqual(["bug", "ui", "a, b"]);
  expect(textsBy(ColumnKind.CHOICE)).toEqual(["bug, ui", "ui", '"a, b", bug']);
  expect(textsBy()).toEqual(["bug, ui", "ui", '"a, b", bug']);
});

// A click on a checkbox while others change the sheet: the pressed cell is the one that changes.
import { type DataEditorRef, GridCellKind, type Item } from "@glideapps/glide-data-grid";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Engine } from "../engine/pkg/web_engine.js";
import { ColumnKind } from "../src/gen/gridloom/v1/values_pb.ts";
import { editProps } from "../src/grid/mouse/grid-events.ts";
import { Press } from "../src/grid/mouse/press.ts";
import type { Selection } from "../src/grid/selection/use-selection.ts";
import { toasts } from "../src/ui/toasts.ts";
import { change, load, loadEngine, open, receive } from "./opened.ts";
import { sheetOver } from "./sheet-over.ts";

const BOOLS = [ColumnKind.BOOL, ColumnKind.BOOL];
const MARK = { kind: { case: "bool", value: true } } as const;

beforeAll(loadEngine);
beforeEach(() => toasts.set([]));

/** Presses the mouse on a cell; returns how to release it there. */
function press(engine: Engine, location: Item) {
  const sheet = sheetOver(engine);
  const pressed = new Press(sheet);
  const grid = { getMouseArgsForPosition: () => ({ kind: "cell", location }) };
  pressed.begin(grid as unknown as DataEditorRef, 0, 0);
  const { onCellsEdited } = editProps(sheet, {} as Selection, pressed);
  return () => {
    const data = engine.cell(location[1], location[0]) !== true;
    const value = { kind: GridCellKind.Boolean, data, allowOverlay: false } as const;
    onCellsEdited([{ location, value }]);
  };
}

/** Another person inserts a column with a ticked checkbox before all others. */
const insertColumn = change({
  cols: [{ run: { case: "insert", value: { count: 1, firstId: 500n } } }],
  cells: [{ row: 3, col: 0, width: 1, values: [MARK] }],
});

function opened(kinds = BOOLS): Engine {
  const engine = open(kinds);
  load(engine);
  return engine;
}

test("each click toggles the checkbox under it", () => {
  const engine = opened();
  press(engine, [1, 3])();
  expect(engine.cell(3, 1)).toBe(true);
  press(engine, [1, 3])();
  expect(engine.cell(3, 1)).toBe(false);
});

test.each<Item>([
  [0, 3],
  [1, 3],
])("a click on column %i follows it when a column is inserted", (col, row) => {
  const engine = opened();
  const release = press(engine, [col, row]);
  receive(engine, insertColumn);
  release();
  const now = [0, 1, 2].map((x) => engine.cell(row, x));
  expect(now).toEqual([true, ...[0, 1].map((x) => (x === col ? true : null))]);
});

test("a click follows its row when a row is inserted", () => {
  const engine = opened();
  const release = press(engine, [0, 3]);
  const rows = [{ run: { case: "insert", value: { count: 1, firstId: 500n } } }] as const;
  receive(engine, change({ rows: [...rows] }));
  release();
  expect([engine.cell(3, 0), engine.cell(4, 0)]).toEqual([null, true]);
});

test("a click on a column that is deleted changes nothing, with a notice", () => {
  const engine = opened();
  const release = press(engine, [0, 3]);
  receive(engine, change({ cols: [{ run: { case: "delete", value: 1 } }] }));
  release();
  expect(engine.cell(3, 0)).toBeNull();
  expect(toasts.get().map(({ text }) => text)).toEqual(["This column was deleted by Ada."]);
});

test("a click on a text does not toggle a checkbox that moves under the mouse", () => {
  const engine = opened([ColumnKind.TEXT, ColumnKind.BOOL]);
  const release = press(engine, [0, 3]);
  receive(engine, change({ cols: [{ run: { case: "delete", value: 1 } }] }));
  release();
  expect(engine.cell(3, 0)).toBeNull();
  const other = opened([ColumnKind.TEXT, ColumnKind.BOOL]);
  const releaseOther = press(other, [0, 3]);
  receive(other, insertColumn);
  releaseOther();
  expect([0, 1, 2].map((x) => other.cell(3, x))).toEqual([true, null, null]);
});

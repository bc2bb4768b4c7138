import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ChangeRecordSchema } from "../../../gen/gridloom/v1/history_pb.ts";
import {
  ColumnKind,
  ColumnSchema,
  type Delta,
  DeltaSchema,
} from "../../../gen/gridloom/v1/values_pb.ts";
import { summary } from "../change-text.ts";
import { type Columns, whereEach } from "./columns-before.ts";
import { placesOf } from "./delta-places.ts";
import { CELLS_MOST, spansOf } from "./use-places.ts";

const delta = (init: MessageInitShape<typeof DeltaSchema>): Delta => create(DeltaSchema, init);
const columns = (...names: string[]): Columns =>
  names.map((name, at) => create(ColumnSchema, { id: String(at), name }));
const keep = (value: number) => ({ run: { case: "keep" as const, value } });
const insert = (count: number) => ({ run: { case: "insert" as const, value: { count } } });
const remove = (value: number) => ({ run: { case: "delete" as const, value } });
const lift = (slot: number, count: number) => ({
  run: { case: "lift" as const, value: { slot, count } },
});
const drop = (value: number) => ({ run: { case: "drop" as const, value } });
const text = { kind: { case: "text" as const, value: "x" } };

/** The texts of changes with these deltas, the newest first; undefined: a delta that is not known. */
function texts(now: Columns, ...deltas: (Delta | undefined)[]): string[] {
  const changes = deltas.map((each, at) =>
    create(ChangeRecordSchema, {
      revision: BigInt(deltas.length - at),
      cellsSet: each?.cells.reduce((sum, { values }) => sum + values.length, 0) ?? 0,
      colsInserted: each === undefined ? 1 : 0,
    }),
  );
  const known = new Map(
    changes.flatMap(({ revision }, at) => {
      const each = deltas[at];
      return each === undefined ? [] : [[revision, placesOf(each)] as const];
    }),
  );
  const where = whereEach(changes, known, now);
  return changes.map((change, at) => summary(change, where[at]));
}

describe("the place of a change", () => {
  it("names a cell and a range by letters", () => {
    const one = delta({ cells: [{ row: 2, col: 1, values: [text] }] });
    const four = delta({ cells: [{ row: 1, col: 1, width: 2, values: [text, text, text, text] }] });
    // A new sheet names its columns by their letters.
    expect(texts(columns("A", "B", ""), one, four)).toEqual(["Set B3", "Set 4 cells in B2:C3"]);
  });

  it("names cells by the names of their columns", () => {
    const one = delta({ cells: [{ row: 2, col: 1, values: [text] }] });
    const two = delta({
      cells: [
        { row: 0, col: 0, values: [text] },
        { row: 4, col: 1, values: [text] },
      ],
    });
    expect(texts(columns("Item", "Price"), one, two)).toEqual([
      "Set Price · row 3",
      "Set 2 cells in Item–Price · rows 1–5",
    ]);
  });

  it("says that cells were cleared", () => {
    const cleared = delta({ cells: [{ row: 0, col: 0, values: [{}, {}] }] });
    expect(texts(columns(""), cleared)).toEqual(["Cleared 2 cells in A1:A2"]);
  });

  it("names rows by their positions", () => {
    const all = [
      [keep(4), insert(2)],
      [keep(4), remove(1)],
      [insert(1), keep(4), insert(2)],
      [keep(2), drop(0), keep(6), lift(0, 3)],
    ];
    expect(texts([], ...all.map((rows) => delta({ rows })))).toEqual([
      "Inserted 2 rows at 5",
      "Deleted row 5",
      "Inserted 3 rows at 1 and 1 other place",
      "Moved 3 rows from 9 to 3",
    ]);
  });

  it("finds a column where it was before later changes", () => {
    const set = delta({ cells: [{ row: 0, col: 1, values: [text] }] });
    const moved = delta({ cols: [drop(0), keep(1), lift(0, 1)] });
    expect(texts(columns("Price", "Item"), moved, set)).toEqual([
      "Moved column Price to A",
      "Set Price · row 1",
    ]);
    const inserted = delta({ cols: [insert(1), keep(1), remove(1)] });
    expect(texts(columns("New", "Item"), inserted, set)).toEqual([
      "Inserted column New, deleted column B",
      "Set B1",
    ]);
  });

  it("has no names of columns before a change that is not known", () => {
    const set = delta({ cells: [{ row: 0, col: 1, values: [text] }] });
    expect(texts(columns("Item", "Price"), undefined, set)).toEqual([
      "Inserted 1 column",
      "Set B1",
    ]);
  });
});

describe("the attributes of a column that a change sets", () => {
  it("are a new name, or none", () => {
    const name = (value: string) => delta({ columns: [{ col: 2, name: value }] });
    expect(texts([], name("Price"), name(""))).toEqual([
      "Named column C “Price”",
      "Removed the name of column C",
    ]);
  });

  it("are its kind, its settings and its width", () => {
    const change = (edit: object) => delta({ columns: [{ col: 2, ...edit }] });
    expect(
      texts(
        [],
        change({ kind: ColumnKind.BOOL }),
        change({ kind: ColumnKind.NUMBER, settings: { decimals: 2 } }),
        change({ width: 0 }),
        change({ name: "Price", width: 90 }),
        change({}),
      ),
    ).toEqual([
      "Changed column C: kind Checkbox",
      "Changed column C: kind Number, other settings",
      "Changed column C: the usual width",
      "Named column C “Price”, width 90",
      "Changed column C",
    ]);
  });
});

describe("the deltas that are loaded", () => {
  it("are those of small and unknown changes, in spans without a gap", () => {
    const changes = [9, 8, 7, 6, 5].map((number) =>
      create(ChangeRecordSchema, {
        revision: BigInt(number),
        timeMicros: BigInt(number * 10),
        cellsSet: number === 7 ? CELLS_MOST + 1 : 1,
      }),
    );
    expect(spansOf(changes, (revision) => revision === 5n)).toEqual([
      { fromMicros: 80n, untilMicros: 91n, revisions: [9n, 8n] },
      { fromMicros: 60n, untilMicros: 61n, revisions: [6n] },
    ]);
  });
});

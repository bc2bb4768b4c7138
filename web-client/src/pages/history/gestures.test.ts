import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { type ChangeRecord, ChangeRecordSchema } from "../../gen/gridloom/v1/history_pb.ts";
import { ChangeOrigin } from "../../gen/gridloom/v1/values_pb.ts";
import { entriesOf } from "./gestures.ts";

type Init = Exclude<MessageInitShape<typeof ChangeRecordSchema>, ChangeRecord>;

/** A change; the newest one is the first of a list. */
function change(revision: bigint, group: bigint, more: Init = {}): ChangeRecord {
  return create(ChangeRecordSchema, { authorId: "ada", revision, group, cellsSet: 1, ...more });
}

function shown(changes: readonly ChangeRecord[]): [bigint, string][] {
  return entriesOf(changes, []).map(({ change, text }) => [change.revision, text]);
}

describe("the entries of a history", () => {
  it("are one for each gesture, with its parts in their order", () => {
    const paste = [
      change(9n, 5n, { cellsSet: 40 }),
      change(8n, 5n, { cellsSet: 0, rowsInserted: 2 }),
    ];
    expect(shown([change(10n, 0n), ...paste, change(7n, 6n)])).toEqual([
      [10n, "Set 1 cell"],
      [9n, "Inserted 2 rows, set 40 cells"],
      [7n, "Set 1 cell"],
    ]);
  });

  it("have the numbers of their changes, by which an undo names them", () => {
    const changes = [change(10n, 0n), change(9n, 5n), change(8n, 5n), change(7n, 5n)];
    expect(entriesOf(changes, []).map(({ revisions }) => revisions)).toEqual([
      "revision 10",
      "revisions 7 to 9",
    ]);
  });

  it("add up a gesture of many parts", () => {
    const many = [4n, 3n, 2n, 1n].map((revision) => change(revision, 5n, { cellsSet: 500 }));
    expect(shown(many)).toEqual([[4n, "Set 2,000 cells"]]);
  });

  it("name what an undo of a gesture took back", () => {
    const origin = ChangeOrigin.UNDO;
    const undone = [9n, 8n, 7n, 6n].map((revision) =>
      change(revision, 5n, { origin, targetRevision: 11n - revision }),
    );
    expect(shown(undone)).toEqual([[9n, "Undid revisions 2 to 5: set 4 cells"]]);
    expect(shown(undone.slice(2))).toEqual([
      [7n, "Undid revision 5: set 1 cell, undid revision 4: set 1 cell"],
    ]);
    expect(shown([change(8n, 5n, { origin }), change(7n, 5n)])).toHaveLength(2);
  });

  it("have one text for the two parts of a restore", () => {
    const origin = ChangeOrigin.RESTORE;
    const cells = change(9n, 5n, { origin, cellsSet: 3 });
    const lines = change(8n, 5n, { origin, cellsSet: 0, rowsInserted: 2 });
    const text = "Restored an older version: inserted 2 rows, set 3 cells";
    expect(shown([cells, lines])).toEqual([[9n, text]]);
  });

  it("keep apart what is of others, without a group, or with a change between", () => {
    const others = [change(6n, 5n), change(5n, 5n, { authorId: "ben" }), change(4n, 5n)];
    expect(shown([...others, change(3n, 0n), change(2n, 0n)])).toHaveLength(5);
  });
});

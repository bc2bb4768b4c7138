import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ServerFrameSchema } from "../../gen/gridloom/v1/live_pb.ts";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";
import { gone, RefusedEdits } from "./refused-edits.ts";

const cell = (row: number, column: string, text: string): UnsavedCell => ({ row, column, text });

function rejected(code: Code) {
  const frame = { case: "rejected", value: { sequence: 1n, status: { code, message: "x" } } };
  return create(ServerFrameSchema, { frame } as never);
}

test.each<[string, UnsavedCell[], UnsavedCell[], UnsavedCell[]]>([
  ["all", [cell(1, "A", "x"), cell(2, "B", "y")], [], [cell(1, "A", "x"), cell(2, "B", "y")]],
  ["none, also where a row has moved", [cell(6, "A", "x")], [cell(5, "A", "x")], []],
  [
    "one of two with the same text",
    [cell(1, "A", "x"), cell(2, "A", "x")],
    [cell(1, "A", "x")],
    [cell(2, "A", "x")],
  ],
])("gone: %s", (_, before, after, found) => {
  expect(gone(before, after)).toEqual(found);
});

test("cells that are refused for the role are kept until they are dismissed, and no others", () => {
  const kept = new RefusedEdits();
  let unsaved = [cell(1, "A", "x"), cell(2, "A", "y")];
  const refuse = (code: Code) =>
    kept.during(
      rejected(code),
      () => unsaved,
      () => {
        unsaved = unsaved.slice(1);
      },
    );
  refuse(Code.InvalidArgument);
  expect(kept.cells.get()).toEqual([]);
  refuse(Code.PermissionDenied);
  expect(kept.cells.get()).toEqual([cell(2, "A", "y")]);
  kept.dismiss();
  expect(kept.cells.get()).toEqual([]);
});

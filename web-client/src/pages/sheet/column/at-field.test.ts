// Where the dialog of a column shows a problem: at its field, or below all of them.
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ColumnKind, ColumnSchema } from "../../../gen/gridloom/v1/values_pb.ts";
import { draftOf, isAtField } from "./draft.ts";

test("a problem of a field that is shown has no second place", () => {
  const draft = draftOf(create(ColumnSchema, { kind: ColumnKind.NUMBER }));
  const money = { ...draft, unit: "currency" as const };
  for (const setting of ["decimals", "currency"]) {
    expect(isAtField(money, { setting, text: "x" })).toBe(true);
    expect(isAtField({ ...money, kind: ColumnKind.TEXT }, { setting, text: "x" })).toBe(false);
  }
  expect(isAtField(draft, { setting: "currency", text: "x" })).toBe(false);
  expect(isAtField(money, { setting: "options", text: "x" })).toBe(false);
});

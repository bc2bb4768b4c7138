// A conversion is for the column that its person has seen.
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ColumnKind, ColumnSchema } from "../../../gen/gridloom/v1/values_pb.ts";
import { isAsBefore } from "./as-before.ts";

test("another kind and other settings are noticed, another name is not", () => {
  const before = create(ColumnSchema, { name: "A", kind: ColumnKind.TEXT });
  const columns = [
    create(ColumnSchema, { name: "B", kind: ColumnKind.TEXT, settings: {} }),
    create(ColumnSchema, { name: "A", kind: ColumnKind.DATE }),
    create(ColumnSchema, { name: "A", kind: ColumnKind.TEXT, settings: { options: ["x"] } }),
  ];
  expect(columns.map((now) => isAsBefore(before, now))).toEqual([true, false, false]);
});

// The values of a preview that are marked, as the grid marks them.
import { create } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../tests/opened.ts";
import { ColumnKind, ColumnSchema, ValueSchema } from "../../gen/gridloom/v1/values_pb.ts";
import { misfitsOf } from "./misfits.ts";

beforeAll(loadEngine);

test("a text in a column of numbers is marked with its reason, and an empty cell is not", () => {
  const kinds = [ColumnKind.NUMBER, ColumnKind.ANY, ColumnKind.LINK];
  const columns = kinds.map((kind) => create(ColumnSchema, { kind }));
  const text = (value: string) => create(ValueSchema, { kind: { case: "text", value } });
  const number = create(ValueSchema, { kind: { case: "number", value: 7 } });
  const rows = [
    { values: [text("about 7"), text("x"), text("example.org")] },
    { values: [number, number, text("https://example.org")] },
    { values: [create(ValueSchema)] },
  ];
  const marked = misfitsOf(columns, rows).map((row) => row.map((why) => why !== undefined));
  expect(marked).toEqual([
    [true, false, true],
    [false, false, false],
    [false, false, false],
  ]);
});

// The values of columns that are in no open sheet, as the reader has them.
import { create } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../tests/opened.ts";
import { ColumnKind, ColumnSchema } from "../../gen/gridloom/v1/values_pb.ts";
import { shownTexts } from "./column-forms.ts";

beforeAll(loadEngine);

test("numbers have the decimal mark of the reader, or the form of their column", () => {
  const columns = [
    create(ColumnSchema, { kind: ColumnKind.NUMBER }),
    create(ColumnSchema, { kind: ColumnKind.NUMBER, settings: { decimals: 2, locale: "de" } }),
    create(ColumnSchema, { kind: ColumnKind.TEXT }),
    // A currency of a later release.
    create(ColumnSchema, {
      kind: ColumnKind.NUMBER,
      settings: { unit: { case: "currency", value: "1." } },
    }),
  ];
  const text = shownTexts(columns, ",");
  expect(columns.map((_, col) => text(1.5, col))).toEqual(["1,5", "1,50", "1.5", "1,5"]);
  expect(columns.map((_, col) => text(null, col))).toEqual(["", "", "", ""]);
  expect(text("a.b", 1)).toBe("a.b");
});

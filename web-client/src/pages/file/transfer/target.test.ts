import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Role } from "../../../gen/gridloom/v1/roles_pb.ts";
import { SheetSchema } from "../../../gen/gridloom/v1/sheets_pb.ts";
import { TableColumnSchema } from "../../../gen/gridloom/v1/tables_pb.ts";
import {
  keyColumns,
  missing,
  rowsText,
  sheetName,
  type Target,
  takesRows,
  targetOf,
} from "./target.ts";

const NEW: Target = { way: "new", name: "Stock", sheetId: undefined, key: undefined };

test.each([
  ["stock.csv", "stock"],
  ["stock.2024.parquet", "stock.2024"],
  [".csv", "New sheet"],
  ["Sheet1", "Sheet1"],
  ["x".repeat(300), "x".repeat(200)],
])("the table %s becomes the sheet %s", (table, sheet) => {
  expect(sheetName(table)).toBe(sheet);
});

test("what is missing is named", () => {
  expect(missing(NEW)).toBeUndefined();
  expect(missing({ ...NEW, name: " " })).toContain("name");
  expect(missing({ ...NEW, name: "é".repeat(201) })).toContain("200");
  expect(missing({ ...NEW, way: "append" })).toContain("sheet");
  expect(missing({ ...NEW, way: "append", sheetId: "1" })).toBeUndefined();
  expect(missing({ ...NEW, way: "merge", sheetId: "1" })).toContain("column");
  expect(missing({ ...NEW, way: "merge", sheetId: "1", key: 0 })).toBeUndefined();
});

test("each way has its target", () => {
  expect(targetOf({ ...NEW, name: " Stock " })).toEqual({
    case: "newSheet",
    value: { name: "Stock" },
  });
  expect(targetOf({ ...NEW, way: "append", sheetId: "1" })).toEqual({
    case: "append",
    value: { sheetId: "1" },
  });
  expect(targetOf({ ...NEW, way: "merge", sheetId: "1", key: 2 })).toEqual({
    case: "merge",
    value: { sheetId: "1", key: { column: { case: "at", value: 2 } } },
  });
});

test("only sheets that a person edits take rows", () => {
  const roles = [Role.OWNER, Role.EDITOR, Role.COMMENTER, Role.VIEWER];
  const takes = roles.map((role) => takesRows(create(SheetSchema, { role })));
  expect(takes).toEqual([true, true, false, false]);
  expect(takesRows(create(SheetSchema, { role: Role.OWNER, deletedMicros: 1n }))).toBe(false);
});

test("the rows of a view are not all of the table", () => {
  expect(rowsText(3, false)).toBe("All 3 rows of the table.");
  expect(rowsText(1, true)).toBe("1 row: those that match, in the order on the screen.");
});

test("a column without a name is no key", () => {
  const columns = ["", "gtin", "shop"].map((name) => create(TableColumnSchema, { name }));
  expect(keyColumns(columns)).toEqual([
    { value: "1", label: "gtin" },
    { value: "2", label: "shop" },
  ]);
});

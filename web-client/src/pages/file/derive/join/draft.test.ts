import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { JoinRows } from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { TableColumnSchema, TableSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { isLacking, joinOf, NO_JOIN, nextKey, sameNamed, suggestedKeys } from "./draft.ts";

function columns(...names: string[]) {
  return names.map((name) => create(TableColumnSchema, { name }));
}

const OWN = columns("date", "", "gtin", "shop");
const OTHER = columns("gtin", "", "date", "price");

test("columns with the same name are pairs, those with the name of a key first", () => {
  expect(sameNamed(OWN, OTHER)).toEqual([
    { column: 2, other: 0 },
    { column: 0, other: 2 },
  ]);
  expect(suggestedKeys(OWN, OTHER)).toEqual([{ id: 1, column: 2, other: 0 }]);
});

test.each(["id", "Order ID", "order_no", "e-mail", "SKU"])("%s is the name of a key", (name) => {
  const [first] = sameNamed(columns("day", name), columns("day", name));
  expect(first?.column).toBe(1);
});

test("without a common name, the key is still to be chosen", () => {
  expect(suggestedKeys(columns("a"), columns("b"))).toEqual([nextKey([])]);
});

test("a join needs a table and whole keys", () => {
  const table = create(TableSchema, { number: 1, etag: "e", columns: OTHER });
  const draft = { ...NO_JOIN, fileId: "f", table, keys: suggestedKeys(OWN, OTHER) };
  expect(isLacking(NO_JOIN)).toBe(true);
  expect(isLacking({ ...draft, keys: [nextKey([])] })).toBe(true);
  expect(isLacking(draft)).toBe(false);
  expect(joinOf({ ...draft, rows: JoinRows.MATCHED })).toEqual({
    other: { fileId: "f", table: 1, etag: "e" },
    keys: [
      { column: { column: { case: "at", value: 2 } }, other: { column: { case: "at", value: 0 } } },
    ],
    rows: JoinRows.MATCHED,
  });
});

import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type CellValue, plainValue } from "../../../../cells/values.ts";
import { Condition_Operator } from "../../../../gen/gridloom/v1/queries_pb.ts";
import { MakeViewRequestSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { ValueSchema } from "../../../../gen/gridloom/v1/values_pb.ts";
import { type Condition, NO_QUERY } from "../query.ts";
import { viewRequest, wireValue } from "./requests.ts";

const TABLE = { number: 2, etag: "e" };

function condition(values: readonly CellValue[], isExact = false): Condition {
  return { col: 4, test: "in", values, isExact };
}

function filtersOf(conditions: readonly Condition[]) {
  const request = viewRequest("f", TABLE, { ...NO_QUERY, conditions });
  const { filter } = create(MakeViewRequestSchema, request);
  const all = filter?.filter.case === "all" ? filter.filter.value.filters : [];
  return all.map(({ filter }) => (filter.case === "condition" ? filter.value : undefined));
}

test("all conditions hold, and the case of letters is ignored in texts alone", () => {
  const [text, exact, number] = filtersOf([
    condition(["a", 1]),
    condition(["a"], true),
    condition([1]),
  ]);
  expect([text, exact, number].map((it) => it?.ignoreCase)).toEqual([true, false, false]);
  expect(text?.operator).toBe(Condition_Operator.IN);
  expect(text?.column?.column).toEqual({ case: "at", value: 4 });
});

test("an order without a condition has no filter", () => {
  const order = [{ col: 1, descending: true }];
  const request = create(MakeViewRequestSchema, viewRequest("f", TABLE, { ...NO_QUERY, order }));
  expect(request.filter).toBeUndefined();
  expect(request.orderBy.map(({ descending }) => descending)).toEqual([true]);
  expect([request.fileId, request.table, request.etag]).toEqual(["f", 2, "e"]);
});

test("each value is sent as it is", () => {
  const values = [null, true, -1.5, "a", 5n, { days: -3 }, { micros: -7n }];
  for (const value of values)
    expect(plainValue(create(ValueSchema, wireValue(value)))).toEqual(value);
});

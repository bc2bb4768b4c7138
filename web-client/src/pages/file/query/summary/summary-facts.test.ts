import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { SummarizeColumnResponseSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import {
  ColumnKind,
  ValueSchema as Schema,
  type ValueSchema,
} from "../../../../gen/gridloom/v1/values_pb.ts";
import { barsOf, conditionOf, factsOf, shareText } from "./summary-facts.ts";

const number = (value: number): MessageInitShape<typeof ValueSchema> => ({
  kind: { case: "number", value },
});
const text = (value: string) => create(Schema, { kind: { case: "text", value } });

test("facts that a column has not are left out", () => {
  const texts = create(SummarizeColumnResponseSchema, { rows: 1_000n, distinct: 3n });
  expect(factsOf(texts, ColumnKind.TEXT, ".").map(({ text }) => text)).toEqual(["1,000", "0", "3"]);
  const numbers = create(SummarizeColumnResponseSchema, {
    rows: 4n,
    emptyRows: 1n,
    distinct: 3n,
    least: number(0.5),
    greatest: number(2),
    sum: 0.1 + 0.2,
  });
  expect(factsOf(numbers, ColumnKind.NUMBER, ",")).toEqual([
    { name: "Rows", text: "4" },
    { name: "Empty", text: "1 (25%)" },
    { name: "Different values", text: "3" },
    { name: "Least", text: "0,5" },
    { name: "Greatest", text: "2" },
    { name: "Sum", text: "0,3" },
  ]);
});

test("a small part is not none", () => {
  expect(shareText(1, 1e9)).toBe("< 0.1%");
  expect([shareText(0, 0), shareText(0, 5), shareText(1, 3)]).toEqual(["0%", "0%", "33.3%"]);
});

test("a listed value is found as it is written, and a text that is cut by its begin", () => {
  expect(conditionOf(2, text("TX"))).toEqual({
    col: 2,
    test: "is",
    values: ["TX"],
    isExact: true,
  });
  expect(conditionOf(2, undefined)).toEqual({ col: 2, test: "empty", values: [], isExact: false });
  const long = `${"x".repeat(199)}…`;
  const cut = conditionOf(2, text(long));
  expect([cut.test, cut.values]).toEqual(["starts", [long]]);
});

test("the highest bar is whole", () => {
  const summary = create(SummarizeColumnResponseSchema, {
    ranges: [
      { from: number(0), to: number(1 / 3), rows: 5n },
      { from: number(1 / 3), to: number(1), rows: 20n },
    ],
  });
  expect(barsOf(summary, ColumnKind.NUMBER, ".")).toEqual([
    { from: "0", to: "0.333333", rows: 5, height: 0.25 },
    { from: "0.333333", to: "1", rows: 20, height: 1 },
  ]);
  expect(barsOf(create(SummarizeColumnResponseSchema), ColumnKind.NUMBER, ".")).toEqual([]);
});

test("the ends of narrow ranges far from zero stay apart", () => {
  const ends = [10_000_001, 10_000_003, 10_000_005.5];
  const summary = create(SummarizeColumnResponseSchema, {
    ranges: [
      { from: number(ends[0] ?? 0), to: number(ends[1] ?? 0), rows: 2n },
      { from: number(ends[1] ?? 0), to: number(ends[2] ?? 0), rows: 1n },
    ],
  });
  const bars = barsOf(summary, ColumnKind.NUMBER, ".");
  expect(bars.map(({ from, to }) => [from, to])).toEqual([
    ["10000001", "10000003"],
    ["10000003", "10000006"],
  ]);
});

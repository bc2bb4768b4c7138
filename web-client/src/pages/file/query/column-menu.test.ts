import { expect, test } from "vitest";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { columnMenu } from "./column-menu.ts";
import { type Level, NO_QUERY, type Query } from "./query.ts";

const COLUMNS = [
  { name: "city", kind: ColumnKind.TEXT },
  { name: "price", kind: ColumnKind.NUMBER },
];
const CITY: Level = { col: 0, descending: false };

function menu(order: readonly Level[], col: number, ask = (_: Query) => undefined as undefined) {
  const actions = { ask, filter: () => undefined, summarize: () => undefined };
  return columnMenu(COLUMNS, col, { ...NO_QUERY, order }, actions).flat();
}

const labels = (order: readonly Level[], col: number) => menu(order, col).map((it) => it.label);

test("a column that nothing is sorted by has both directions, and one more level where there is one", () => {
  expect(labels([], 1)).toEqual([
    "Sort smallest first",
    "Sort largest first",
    "Filter…",
    "Values and distribution…",
  ]);
  expect(labels([CITY], 1)).toContain("Sort by this too");
  expect(labels([CITY], 0)).not.toContain("Sort by this too");
  expect(labels([CITY], 0)).toContain("Don't sort by this");
});

test("the direction of the rows is checked where they are sorted by the column alone", () => {
  const checked = (order: readonly Level[]) =>
    menu(order, 0).map((it) => "checked" in it && it.checked === true);
  expect(checked([CITY]).slice(0, 2)).toEqual([true, false]);
  expect(checked([CITY, { col: 1, descending: true }]).slice(0, 2)).toEqual([false, false]);
});

test("a choice asks for the rows", () => {
  const asked: Query[] = [];
  const ask = (query: Query) => void asked.push(query);
  const [, descending] = menu([CITY], 1, ask);
  if (descending !== undefined && "run" in descending) descending.run();
  expect(asked).toEqual([{ ...NO_QUERY, order: [{ col: 1, descending: true }] }]);
});

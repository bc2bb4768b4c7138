import { expect, test } from "vitest";
import {
  alsoBy,
  type Condition,
  LEVELS_MOST,
  type Level,
  NO_QUERY,
  sortedBy,
  unsorted,
  withConditions,
  withoutCondition,
} from "./query.ts";

const up = (col: number): Level => ({ col, descending: false });
const down = (col: number): Level => ({ col, descending: true });
const is = (...values: string[]): Condition => ({ col: 0, test: "in", values, isExact: false });

test("a further level is below the others, and a column has one", () => {
  const one = sortedBy(NO_QUERY, up(3));
  const two = alsoBy(one, down(1));
  expect(two.order).toEqual([up(3), down(1)]);
  expect(alsoBy(two, down(3)).order).toEqual([down(3), down(1)]);
  expect(sortedBy(two, up(1)).order).toEqual([up(1)]);
  expect(unsorted(two, 3).order).toEqual([down(1)]);
  let many = NO_QUERY;
  for (let col = 0; col < 20; col++) many = alsoBy(many, up(col));
  expect(many.order).toHaveLength(LEVELS_MOST);
});

test("a condition is there once, and one that is changed keeps its place", () => {
  const two = withConditions(withConditions(NO_QUERY, [is("a")]), [is("b"), is("a")]);
  expect(two.conditions).toEqual([is("a"), is("b")]);
  expect(withConditions(two, [is("c"), is("d")], 0).conditions).toEqual([
    is("c"),
    is("d"),
    is("b"),
  ]);
  expect(withConditions(two, [is("b")], 0).conditions).toEqual([is("b")]);
  expect(withConditions(two, [is("a")], 0)).toEqual(two);
  expect(withoutCondition(two, 0).conditions).toEqual([is("b")]);
});

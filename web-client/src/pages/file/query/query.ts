// What a person asks of a table: conditions that all hold, and an order. Columns are named by position.
//
// What it is not: words (see words.ts), an address (see address/), or messages of the protocol (see view/requests.ts).
import { type CellValue, sameValue } from "../../../cells/values.ts";

/** The tests of a value. `between` is none: it is two conditions. */
export const TESTS = [
  "is",
  "not",
  "contains",
  "starts",
  "less",
  "most",
  "greater",
  "least",
  "empty",
  "filled",
  "in",
] as const;

export type Test = (typeof TESTS)[number];

export interface Condition {
  col: number;
  test: Test;
  /** None for `empty` and `filled`, any number for `in`, else one. */
  values: readonly CellValue[];
  /** Whether the case of letters counts. */
  isExact: boolean;
}

/** One level of an order. */
export interface Level {
  col: number;
  descending: boolean;
}

export interface Query {
  conditions: readonly Condition[];
  /** The most important level first. */
  order: readonly Level[];
}

export const NO_QUERY: Query = { conditions: [], order: [] };

/** The most of an order, as the server has it, and of conditions, which fit above a table. */
export const LEVELS_MOST = 8;
export const CONDITIONS_MOST = 16;
/** Values of one condition. */
export const VALUES_MOST = 50;

export function isAsked({ conditions, order }: Query): boolean {
  return conditions.length + order.length > 0;
}

/** Whether a test has as many values. */
export function hasValues(test: Test, count: number): boolean {
  if (test === "empty" || test === "filled") return count === 0;
  return test === "in" ? count > 0 && count <= VALUES_MOST : count === 1;
}

/** Sorts by one column alone. */
export function sortedBy(query: Query, level: Level): Query {
  return { ...query, order: [level] };
}

/** Sorts by one more column, below the others; a column that is one of them has another direction there. */
export function alsoBy(query: Query, level: Level): Query {
  const { order } = query;
  const isThere = order.some(({ col }) => col === level.col);
  const changed = order.map((other) => (other.col === level.col ? level : other));
  return { ...query, order: isThere ? changed : [...order, level].slice(0, LEVELS_MOST) };
}

export function unsorted(query: Query, col: number): Query {
  return { ...query, order: query.order.filter((level) => level.col !== col) };
}

export function sameCondition(one: Condition, other: Condition): boolean {
  return (
    one.col === other.col &&
    one.test === other.test &&
    one.isExact === other.isExact &&
    one.values.length === other.values.length &&
    one.values.every((value, i) => sameValue(value, other.values[i]))
  );
}

/** With conditions in place of the one at a position, or at the end. One that is there already is not added. */
export function withConditions(query: Query, added: readonly Condition[], at?: number): Query {
  const { conditions } = query;
  const [before, after] =
    at === undefined ? [conditions, []] : [conditions.slice(0, at), conditions.slice(at + 1)];
  const others = [...before, ...after];
  const fresh = added.filter((it) => !others.some((other) => sameCondition(other, it)));
  return { ...query, conditions: [...before, ...fresh, ...after] };
}

export function withoutCondition(query: Query, at: number): Query {
  return { ...query, conditions: query.conditions.filter((_, i) => i !== at) };
}

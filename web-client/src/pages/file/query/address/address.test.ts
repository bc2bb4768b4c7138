import { expect, test } from "vitest";
import { type Condition, NO_QUERY, type Query, VALUES_MOST } from "../query.ts";
import { ADDRESS_MOST, readQuery, readTable, searchOf, tooLong } from "./address.ts";

const TX: Condition = { col: 0, test: "is", values: ["TX"], isExact: false };

const ALL: Query = {
  conditions: [
    TX,
    { col: 1, test: "in", values: [1.5, -2, true, false], isExact: true },
    { col: 2, test: "least", values: [{ days: -3 }], isExact: false },
    { col: 2, test: "most", values: [{ micros: 12_345_678_901_234n }], isExact: false },
    { col: 2, test: "less", values: [-5n], isExact: false },
    { col: 3, test: "contains", values: ['a & b "c" = ü, [1]'], isExact: false },
    { col: 3, test: "empty", values: [], isExact: false },
  ],
  order: [
    { col: 2, descending: true },
    { col: 0, descending: false },
  ],
};

test("what was written is read as it was", () => {
  const search = searchOf(3, ALL);
  expect(readQuery(search, 4)).toEqual(ALL);
  expect(readTable(search)).toBe(3);
  expect(readQuery("", 4)).toEqual(NO_QUERY);
  expect(searchOf(0, NO_QUERY)).toBe("");
  expect(readTable("")).toBe(0);
});

test("what is no part of a query is left out", () => {
  const search = new URLSearchParams({ sort: "x,-1,9,1,0,--2", table: "-1" });
  for (const where of [
    "",
    "{}",
    "[",
    '[9,"is",0,"a"]',
    '[0,"was",0,"a"]',
    '[0,"is",0]',
    '[0,"is",0,"a","b"]',
    '[0,"is",0,null]',
    '[0,"is",0,1e999]',
    '[0,"is",0,{"i":"12x"}]',
    '[0,"is",0,{"d":1.5}]',
    '[0,"empty",0,"a"]',
    '[0.5,"empty",0]',
    `[0,"in",0${",1".repeat(VALUES_MOST + 1)}]`,
  ])
    search.append("where", where);
  expect(readQuery(`?${search}`, 4)).toEqual({
    conditions: [],
    order: [
      { col: 1, descending: true },
      { col: 0, descending: false },
    ],
  });
  expect(readTable(`?${search}`)).toBe(0);
});

test("a query that is too long has no address", () => {
  expect(tooLong(ALL)).toBeUndefined();
  const long = { ...TX, values: ["ü".repeat(ADDRESS_MOST / 6)] };
  expect(tooLong({ ...NO_QUERY, conditions: [long] })).toContain("too long");
  const many = Array.from({ length: 17 }, () => TX);
  expect(tooLong({ ...NO_QUERY, conditions: many })).toContain("at most 16");
});

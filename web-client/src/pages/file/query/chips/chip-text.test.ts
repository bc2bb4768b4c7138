import { expect, test } from "vitest";
import { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import type { Condition } from "../query.ts";
import { conditionText, levelText } from "./chip-text.ts";

const COLUMNS = [
  { name: "state", kind: ColumnKind.TEXT },
  { name: "price", kind: ColumnKind.NUMBER },
  { name: "day", kind: ColumnKind.DATE },
  { name: "open", kind: ColumnKind.BOOL },
  { name: "", kind: ColumnKind.ANY },
];

function text(condition: Partial<Condition>): string {
  const whole = { col: 0, test: "is", values: [], isExact: false, ...condition } as const;
  return conditionText(whole, COLUMNS, ",");
}

test("a condition reads as a sentence", () => {
  expect(text({ values: ["TX"] })).toBe("state is TX");
  expect(text({ test: "empty" })).toBe("state is empty");
  expect(text({ col: 1, test: "least", values: [1.5] })).toBe("price is at least 1,5");
  expect(text({ col: 2, test: "less", values: [{ days: 1 }] })).toBe("day is before 1970-01-02");
  expect(text({ col: 3, values: [true] })).toBe("open is checked");
  expect(text({ col: 3, values: [false] })).toBe("open is not checked");
  expect(text({ col: 3, values: ["x"] })).toBe("open is x");
  expect(text({ col: 4, test: "not", values: ["a\nb"] })).toBe("E is not a b");
});

test("long texts and lists are cut", () => {
  expect(text({ values: ["x".repeat(61)] })).toBe(`state is ${"x".repeat(60)}…`);
  const values = ["a", "b", "c", "d", "e"];
  expect(text({ test: "in", values })).toBe("state is one of a, b, c and 2 more");
  expect(text({ test: "in", values: ["a", "b", "c"] })).toBe("state is one of a, b, c");
});

test("levels name their column and their direction", () => {
  expect(levelText({ col: 0, descending: false }, 0, COLUMNS)).toBe("by state, A to Z");
  expect(levelText({ col: 1, descending: true }, 1, COLUMNS)).toBe("then by price, largest first");
  expect(levelText({ col: 4, descending: false }, 0, COLUMNS)).toBe("by E, lowest first");
});

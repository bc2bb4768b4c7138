import { expect, test } from "vitest";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { choicesOf, direction, wordsOf } from "./words.ts";

const KINDS = Object.values(ColumnKind).filter((kind) => typeof kind === "number");

test("a direction has the words of its kind", () => {
  expect(direction(ColumnKind.TEXT, false)).toBe("A to Z");
  expect(direction(ColumnKind.LINK, true)).toBe("Z to A");
  expect(direction(ColumnKind.NUMBER, false)).toBe("smallest first");
  expect(direction(ColumnKind.DATE, true)).toBe("latest first");
  expect(direction(ColumnKind.BOOL, true)).toBe("checked first");
  expect(direction(ColumnKind.UNSPECIFIED, false)).toBe("lowest first");
});

test("a test has the words of its kind", () => {
  expect(wordsOf("less", ColumnKind.NUMBER)).toBe("is less than");
  expect(wordsOf("less", ColumnKind.DATETIME)).toBe("is before");
  expect(wordsOf("least", ColumnKind.DATE)).toBe("is on or after");
  expect(wordsOf("most", ColumnKind.DATETIME)).toBe("is at or before");
  expect(wordsOf("greater", ColumnKind.TEXT)).toBe("comes after");
});

test("the choices of each kind differ in their words", () => {
  for (const kind of KINDS) {
    const words = choicesOf(kind).map((choice) => wordsOf(choice, kind));
    expect(new Set(words).size).toBe(words.length);
  }
});

test("texts are found, numbers and days are compared, and boxes are checked", () => {
  expect(choicesOf(ColumnKind.TEXT)).not.toContain("between");
  expect(choicesOf(ColumnKind.TEXT)).toContain("contains");
  expect(choicesOf(ColumnKind.NUMBER)).toContain("between");
  expect(choicesOf(ColumnKind.DATE)).not.toContain("contains");
  expect(choicesOf(ColumnKind.BOOL)).toEqual(["checked", "unchecked", "empty", "filled"]);
});

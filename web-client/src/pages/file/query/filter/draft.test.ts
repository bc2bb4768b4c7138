import { expect, test } from "vitest";
import type { CellValue } from "../../../../cells/values.ts";
import { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import type { Condition } from "../query.ts";
import { type Draft, draftOf, fieldsOf, meantBy, offered } from "./draft.ts";

/** A reader that knows numbers. */
const read = (text: string): CellValue => (/^\d+$/.test(text) ? Number(text) : text);
const edited = (value: CellValue) => (typeof value === "string" ? `'${value}` : String(value));

const { NUMBER, TEXT, BOOL, DATE } = ColumnKind;
const EMPTY: Draft = { choice: "is", first: "", second: "", lines: "", isExact: false };

function meant(draft: Partial<Draft>, kind: ColumnKind = NUMBER) {
  return meantBy({ ...EMPTY, ...draft }, 2, kind, read);
}

test("a draft means a condition, or two for what lies between", () => {
  expect(meant({ first: "5" })).toEqual({
    conditions: [{ col: 2, test: "is", values: [5], isExact: false }],
  });
  expect(meant({ choice: "between", first: "5", second: "7" })).toEqual({
    conditions: [
      { col: 2, test: "least", values: [5], isExact: false },
      { col: 2, test: "most", values: [7], isExact: false },
    ],
  });
  expect(meant({ choice: "in", lines: "1\n\n2\n" })).toEqual({
    conditions: [{ col: 2, test: "in", values: [1, 2], isExact: false }],
  });
  expect(meant({ choice: "unchecked" }, BOOL)).toEqual({
    conditions: [{ col: 2, test: "is", values: [false], isExact: false }],
  });
  expect(meant({ choice: "empty", first: "5" })).toEqual({
    conditions: [{ col: 2, test: "empty", values: [], isExact: false }],
  });
});

test("a part of a text is taken as it is typed, and its case counts where it is to", () => {
  expect(meant({ choice: "contains", first: " 5", isExact: true }, TEXT)).toEqual({
    conditions: [{ col: 2, test: "contains", values: [" 5"], isExact: true }],
  });
  expect(meant({ choice: "less", first: "5", isExact: true })).toEqual({
    conditions: [{ col: 2, test: "less", values: [5], isExact: false }],
  });
});

test("what is missing or does not compare is named at its field", () => {
  expect(meant({ first: "  " })).toEqual({ problem: "Enter a value.", field: "first" });
  expect(meant({ choice: "less", first: "x" })).toEqual({
    problem: "Enter a number.",
    field: "first",
  });
  expect(meant({ choice: "between", first: "1", second: "" })).toEqual({
    problem: "Enter a value.",
    field: "second",
  });
  expect(meant({ choice: "least", first: "5" }, DATE)).toMatchObject({ field: "first" });
  expect(meant({ choice: "in", lines: "\n" })).toEqual({
    problem: "Enter a value.",
    field: "lines",
  });
  const many = Array.from({ length: 51 }, (_, i) => i).join("\n");
  expect(meant({ choice: "in", lines: many })).toMatchObject({ field: "lines" });
  // A value that does not fit its column can be found.
  expect(meant({ first: "x" })).toMatchObject({ conditions: [{ values: ["x"] }] });
});

test("a condition becomes the draft that means it", () => {
  const drafted = (condition: Partial<Condition>, kind: ColumnKind) =>
    draftOf({ col: 2, test: "is", values: [], isExact: false, ...condition }, kind, edited);
  expect(drafted({ values: ["TX"], isExact: true }, TEXT)).toEqual({
    ...EMPTY,
    first: "'TX",
    isExact: true,
  });
  expect(drafted({ test: "starts", values: ["TX"] }, TEXT).first).toBe("TX");
  expect(drafted({ test: "in", values: [1, 2] }, NUMBER).lines).toBe("1\n2");
  expect(drafted({ values: [true] }, BOOL).choice).toBe("checked");
  expect(drafted({ values: ["x"] }, BOOL).choice).toBe("is");
  expect(draftOf(undefined, BOOL, edited).choice).toBe("checked");
});

test("a choice that its kind does not offer is offered where it is made", () => {
  expect(offered(BOOL, "is")[0]).toBe("is");
  expect(offered(BOOL, "checked")).not.toContain("is");
  expect(fieldsOf("between")).toBe("two");
});

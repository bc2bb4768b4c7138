// A chosen option replaces the other one as a whole; free texts and lists of options are merged.
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../tests/opened.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { mergedOptions, mergedText, removalSteps } from "./merged-text.ts";

beforeAll(loadEngine);

test("letters of two options or addresses are never mixed", () => {
  for (const kind of [ColumnKind.CHOICE, ColumnKind.LINK, ColumnKind.EMAIL])
    expect(mergedText("Open", kind)).toBeUndefined();
  for (const kind of [ColumnKind.ANY, ColumnKind.TEXT, ColumnKind.NUMBER, ColumnKind.CHOICES])
    expect(mergedText("Open", kind)).toBe("Open");
  expect(mergedText(7, ColumnKind.TEXT)).toBeUndefined();
});

test.each([
  // Both add the same option, and others.
  ["a", "a, red", "a, red", "a, red"],
  ["a", "a, red", "a, blue", "a, blue, red"],
  ["", "red", "red", "red"],
  // Both remove the same option, and others.
  ["a, b, c", "a, c", "a, c", "a, c"],
  ["a, b, c", "b, c", "a, c", "c"],
  ["a", "", "a, red", "red"],
  // One adds what the other removes.
  ["a, b", "a, b, c", "b", "b, c"],
  ["a, b", "a", "b, a, c", "a, c"],
  // The names have letters in common.
  ["Open", "Opened", "Open, Opener", "Opener, Opened"],
  ['"a, b"', '"a, b", c', '"a, b", d', '"a, b", d, c'],
  ["a", "a, b", "", "b"],
])("%j becomes %j, and meanwhile it was %j", (from, to, present, text) => {
  expect(mergedOptions(from, to, present)?.text).toBe(text);
});

test("a text that is no list is not merged", () => {
  expect(mergedOptions("a", '"a', "a, b")).toBeUndefined();
  expect(mergedOptions("a, b", "b, c", "a, b")).toEqual({ left: "b", text: "b, c" });
});

test("each step removes one whole option, and a text of another form has no steps", () => {
  const [marked, cut, ...rest] = removalSteps("abc, abd", "abd") ?? [];
  expect([marked?.length, cut?.length, rest]).toEqual([9, 4, ["abd"]]);
  expect(removalSteps("a, b", "a")).toEqual(["a"]);
  expect(removalSteps('a, "b, c", d', 'a, "b, c"')).toEqual(['a, "b, c"']);
  expect(removalSteps("a, b", "a, b")).toEqual([]);
  for (const text of ["a,b", "b, b", ""]) expect(removalSteps(text, "b")).toBeUndefined();
  expect(removalSteps("a", "")).toBeUndefined();
});

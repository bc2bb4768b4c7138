import { expect, test } from "vitest";
import { createTyping } from "./typing.ts";

test("the text at the beginning is given once, to its own cell", () => {
  const typing = createTyping();
  typing.begin([1, 2], "old");
  expect(typing.end([1, 2])).toBe("old");
  expect(typing.end([1, 2])).toBeUndefined();
  typing.begin([1, 2], "old");
  expect(typing.end([2, 1])).toBeUndefined();
});

test("what is no text is replaced as a whole", () => {
  const typing = createTyping();
  for (const value of [null, 5, true, undefined]) {
    typing.begin([0, 0], value);
    expect(typing.end([0, 0])).toBeUndefined();
  }
});

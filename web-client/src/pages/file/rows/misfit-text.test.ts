import { expect, test } from "vitest";
import { misfitText } from "./misfit-text.ts";

test.each([
  ["a text; enter it without an apostrophe to make it a number", "a text, not a number"],
  ["a text; enter it without an apostrophe to make it one that fits", "a text"],
  ["a year of two digits; write all four", "a year of two digits"],
  [
    "written with a decimal comma; choose a language that has one, such as de (--locale)",
    "written with a decimal comma",
  ],
  ["expected a number", "expected a number"],
])("%s has no advice where nothing is entered", (reason, text) => {
  expect(misfitText(reason)).toBe(text);
});

import { expect, test } from "vitest";
import { LEFT_OUT, noneText } from "./people-text.ts";

test("a search that has not looked at all people does not say that there is no one", () => {
  expect(noneText("ben", true)).toBe(LEFT_OUT);
  expect(noneText("ben", false)).toContain("No one");
  expect(noneText("", false)).toContain("Share one");
});

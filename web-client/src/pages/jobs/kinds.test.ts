import { expect, test } from "vitest";
import { kindText } from "./kinds.ts";

test.each([
  ["derive-file", "Makes a file of rows"],
  ["enrich-file", "Enriches rows from a web API"],
  ["save-file", "Saves rows as a file"],
])("%s has words", (kind, words) => {
  expect(kindText(kind)).toBe(words);
});

test("a kind of a later version has none", () => {
  expect(kindText("fold-file")).toBeUndefined();
});

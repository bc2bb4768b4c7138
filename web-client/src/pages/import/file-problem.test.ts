import { expect, test } from "vitest";
import { fileProblem } from "./file-problem.ts";

test.each([
  ["", "empty"],
  [" \n\n", "empty"],
  ["PK\u0003\u0004...", "Excel"],
  ["PAR1\u0015...", "Parquet"],
  ['[\n  {"Title": "The Land Girls"}]', "JSON"],
  ['{"a": 1}', "JSON"],
])("%j is not a CSV file", (text, word) => {
  expect(fileProblem(new TextEncoder().encode(text))).toContain(word);
});

test.each(["a,b\n1,2\n", "[a],b\n", "\u0000a", "PAR1,b\n1,2\n", "<html>,b\n1,2\n"])("%j may be one", (text) => {
  expect(fileProblem(new TextEncoder().encode(text))).toBeUndefined();
});

// Which files are refused before they are sent: those of which the server refuses the first bytes.
import { expect, test } from "vitest";
import { fileProblem } from "./file-problem.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

test.each([
  ["", "empty"],
  ["PK\u0003\u0004...", "Excel"],
  ["\u00d0\u00cf\u0011\u00e0..", "Excel"],
  ["PAR1\u0015\u0004..", "Parquet"],
  ["%PDF-1.7\n", "PDF"],
  ["\u001f\u008b\u0008", "compressed"],
])("%j is not a CSV file", (text, word) => {
  expect(fileProblem(bytesOf(text))).toContain(word);
});

test.each([
  "a,b\n1,2\n",
  "[a],b\n",
  "\u0000a",
  " \n\n",
  "PAR1,b\n1,2\n",
  "<html>,b\n1,2\n",
  "%PDF,%XLS\n1,2\n",
  "[[1],[2]\n",
  '[\n  {"Title": "The Land Girls"}]',
  '{"a": 1},b\n',
])("of %j the server decides", (text) => {
  expect(fileProblem(bytesOf(text))).toBeUndefined();
});

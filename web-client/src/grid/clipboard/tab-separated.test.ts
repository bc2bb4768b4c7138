import { expect, test } from "vitest";
import { formatClipboard, parseClipboard } from "./tab-separated.ts";

test.each<[string, string[][]]>([
  ["", []],
  ["a", [["a"]]],
  [
    "a\tb\nc\td\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "a\tb\r\nc\td\r\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "a\t\n\tb",
    [
      ["a", ""],
      ["", "b"],
    ],
  ],
  [
    '"x\ty"\t"say ""hi"""\n"two\nlines"\tz',
    [
      ["x\ty", 'say "hi"'],
      ["two\nlines", "z"],
    ],
  ],
  ['"open\tb', [['"open', "b"]]],
  ['"5" inch\tb', [['"5" inch', "b"]]],
  // Without a tab it is one column, even when all lines have the same number of commas.
  ["1,200\n3,400\n5,600", [["1,200"], ["3,400"], ["5,600"]]],
  ["Doe, Jane\nRoe, Richard\n", [["Doe, Jane"], ["Roe, Richard"]]],
  ["Smith, John", [["Smith, John"]]],
  ["a, b\nc", [["a, b"], ["c"]]],
  ["a,b\tc", [["a,b", "c"]]],
  ["\n", [[""]]],
])("%j is parsed as %j", (text, rows) => {
  expect(parseClipboard(text)).toEqual(rows);
});

test("parsing reverses formatting", () => {
  const rows = [
    ["plain", "tab\there", 'quote"d'],
    ["line\nbreak", "", "\r\n"],
  ];
  expect(parseClipboard(formatClipboard(rows))).toEqual(rows);
});

test("many unclosed quotes are parsed as text", () => {
  const text = `${'"a\t'.repeat(2_000)}`;
  expect(parseClipboard(text).length).toBe(1);
});

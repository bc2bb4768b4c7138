import { expect, test } from "vitest";
import { preview } from "./preview.ts";

const read = (text: string, cut = false) => preview(new TextEncoder().encode(text), cut);

test("the first rows are shown as fields", () => {
  const { rows, header } = read('Item,Note\nbolt,"a ""good"" one, cheap"\r\nnut,\n\n');
  expect(rows).toEqual([
    ["Item", "Note"],
    ["bolt", 'a "good" one, cheap'],
    ["nut", ""],
  ]);
  expect(header).toBe(true);
});

test.each([
  ["1;apple\n2;pear\n3;plum\n", false],
  ["2024-05-01\tx\n2024-05-02\ty\n", false],
  ["Year|2023|2024\na|1|2\n", false],
  ["id;name\n1;apple\n", true],
  ["name,1st\nx,none\n", true],
  ["3,4\n", false],
])("%j: is the first row a header? %s", (text, header) => {
  expect(read(text).header).toBe(header);
});

test("the preview leaves out a last record that may be incomplete", () => {
  expect(read("a,b\n1,2\n3,", true).rows).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
  expect(read("a,b", true).rows).toEqual([["a", "b"]]);
});

test.each([
  ["", "empty"],
  [" \n\n", "empty"],
  ["PK\u0003\u0004...", "Excel"],
  ["PAR1....", "Parquet"],
  ['[\n  {"Title": "The Land Girls"}]', "JSON"],
  ['{"a": 1}', "JSON"],
])("%j is not a CSV file", (text, word) => {
  expect(read(text).problem).toContain(word);
});

test("an open quote and a huge field are read to the end", () => {
  expect(read('"abc').rows).toEqual([["abc"]]);
  expect(read("x".repeat(16_000)).rows).toHaveLength(1);
});

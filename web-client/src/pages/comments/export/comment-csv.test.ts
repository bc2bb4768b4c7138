import { expect, test } from "vitest";
import { defused, record } from "./comment-csv.ts";

const comment = { row: 6, column: 1, rowId: 9n, columnId: "2", resolvedMicros: 0n };
const message = { number: 1n, authorName: "Ada", sentMicros: 1_000_000n, text: 'a "b",\nc' };

test("a message of a comment is one record", () => {
  expect(record(comment, message)).toBe('B7,9,2,open,1,Ada,1970-01-01T00:00:01Z,"a ""b"",\nc"');
  expect(record({ ...comment, resolvedMicros: 5n }, message)).toMatch(/^B7,9,2,resolved,/);
});

test("a time has as many digits as it needs", () => {
  const sent = (sentMicros: bigint) => record(comment, { ...message, sentMicros }).split(",")[6];
  expect(sent(1_000_250n)).toBe("1970-01-01T00:00:01.00025Z");
  expect(sent(1_999_999n)).toBe("1970-01-01T00:00:01.999999Z");
});

test("a comment on a deleted row or column has no cell", () => {
  expect(record({ ...comment, row: undefined }, message)).toMatch(/^,9,2,deleted,/);
  expect(record({ ...comment, column: undefined }, message)).toMatch(/^,9,2,deleted,/);
});

// The same as the crate `values` has them.
test.each([
  ["=1+1", "'=1+1"],
  ["-5", "'-5"],
  ["a;=1", "a;'=1"],
  ["a,b\n@x", "a,b\n'@x"],
  ["\t=1", "'\t'=1"],
  ["\r\n=1", "'\r\n'=1"],
  [' "@x', "' \"@x"],
  ["\u200b+1", "'\u200b+1"],
  ["＝1", "'＝1"],
  ["a;\n=1", "a;\n'=1"],
  ["\tx", "'\tx"],
])("of %j no formula is left", (text, written) => {
  expect(defused(text)).toBe(written);
});

test.each(["", "a=1", "1+1", "a - b", "x; y", "'=1"])("%j is no formula", (text) => {
  expect(defused(text)).toBe(text);
});

test("a record for spreadsheets has no formula", () => {
  const formula = { ...message, text: "=1+1", authorName: "@ada" };
  expect(record(comment, formula)).toMatch(/,@ada,.*,=1\+1$/);
  expect(record(comment, formula, defused)).toMatch(/,'@ada,.*,'=1\+1$/);
});

import { expect, test } from "vitest";
import { record } from "./comment-csv.ts";

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

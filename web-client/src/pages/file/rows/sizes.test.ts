import { expect, test } from "vitest";
import { fitNumber, formatValue } from "../../../cells/values.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { digitsIn, usualWidth } from "./sizes.ts";

test("a column of numbers has room for 16 digits and a sign", () => {
  const room = digitsIn(usualWidth(ColumnKind.NUMBER));
  expect(fitNumber(-9_007_199_254_740_991, room)).toBe("-9007199254740991");
});

test("a column of instants has room for its seconds", () => {
  const text = formatValue(1_714_573_801_000_000n, ColumnKind.DATETIME);
  expect(text).toBe("2024-05-01 14:30:01 UTC");
  expect(digitsIn(usualWidth(ColumnKind.DATETIME))).toBeGreaterThanOrEqual(text.length);
});

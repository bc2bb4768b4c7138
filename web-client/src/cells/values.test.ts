import { expect, test } from "vitest";
import { ColumnKind } from "../gen/gridloom/v1/values_pb.ts";
import {
  type CellValue,
  editText,
  fitNumber,
  formatValue,
  parseDateTime,
  parseTyped,
  parseValue,
} from "./values.ts";

const { ANY, BOOL, DATETIME, NUMBER, TEXT } = ColumnKind;
const MAY_DAY = BigInt(Date.UTC(2024, 4, 1)) * 1000n;

test.each<[string, ColumnKind, CellValue]>([
  ["", ANY, null],
  ["", TEXT, null],
  ["12.5", ANY, 12.5],
  ["-3e2", ANY, -300],
  ["007", ANY, "007"],
  ["1,234", ANY, "1,234"],
  ["12345678901234567890", ANY, "12345678901234567890"],
  ["TRUE", ANY, true],
  ["yes", ANY, "yes"],
  ["2024-05-01", ANY, MAY_DAY],
  [" 7 ", ANY, 7],
  [" a ", ANY, " a "],
  ["'7", ANY, "7"],
  ["'", NUMBER, ""],
  ["1,234.5", NUMBER, 1234.5],
  ["007", NUMBER, 7],
  [".5", NUMBER, 0.5],
  ["about 7", NUMBER, "about 7"],
  ["1e999", NUMBER, "1e999"],
  ["-", NUMBER, "-"],
  ["yes", BOOL, true],
  ["0", BOOL, false],
  ["maybe", BOOL, "maybe"],
  ["12", TEXT, "12"],
  ["2024-05-01 12:30", DATETIME, MAY_DAY + 45_000_000_000n],
  ["tomorrow", DATETIME, "tomorrow"],
])("%s in a column of kind %i is %s", (text, kind, value) => {
  expect(parseTyped(text, kind)).toEqual(value);
});

test("only typed text has a leading apostrophe removed", () => {
  for (const kind of [ANY, BOOL, NUMBER, TEXT, DATETIME]) {
    expect(parseTyped("'7", kind)).toBe("7");
    expect(parseValue("'7", kind)).toBe("'7");
  }
});

test("date-times are parsed with zones and fractions, and checked by the calendar", () => {
  expect(parseDateTime("2024-05-01T02:00:00+02:00")).toBe(MAY_DAY);
  expect(parseDateTime("2024-04-30 23:00:00.000001-0100")).toBe(MAY_DAY + 1n);
  expect(parseDateTime("2024-02-29")).toBeDefined();
  expect(parseDateTime("2023-02-29")).toBeUndefined();
  expect(parseDateTime("2024-05-01 24:00")).toBeUndefined();
  expect(parseDateTime("0044-03-15")).toBeLessThan(0n);
});

test.each<[CellValue, string]>([
  [null, ""],
  [true, "TRUE"],
  [0.1, "0.1"],
  [MAY_DAY, "2024-05-01"],
  [MAY_DAY + 60_000_000n, "2024-05-01 00:01"],
  [MAY_DAY + 1_500_000n, "2024-05-01 00:00:01.5"],
  [-1n, "1969-12-31 23:59:59.999999"],
])("%s reads %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test("saving an unchanged text gives the same value", () => {
  const values: CellValue[] = [null, true, 0, -1.5e300, "7", "'x", "TRUE", "a b", MAY_DAY, -1n];
  for (const kind of [ANY, BOOL, NUMBER, TEXT, DATETIME])
    for (const value of values) {
      // A text column makes everything text, so only texts keep their value.
      if (kind === TEXT && typeof value !== "string" && value !== null) continue;
      if (kind !== ANY && typeof value !== "string") continue;
      expect(parseTyped(editText(value, kind), kind)).toEqual(value);
    }
});

test.each<[number, number, string]>([
  [34.75675675675676, 20, "34.75675675675676"],
  [34.75675675675676, 8, "34.75676"],
  [-100.09090909, 5, "-100"],
  [123456789, 6, "1.2e+8"],
  [123456789, 9, "123456789"],
  [123456789, 3, "###"],
  [0.000001234567, 8, "0.000001"],
  [1.5e300, 8, "1.5e+300"],
])("%d in %i characters is %s", (value, room, text) => {
  expect(fitNumber(value, room)).toBe(text);
});

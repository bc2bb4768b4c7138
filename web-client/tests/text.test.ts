// Texts as the engine reads and writes them, and the text of the page beside it.
import { beforeAll, expect, test } from "vitest";
import { editedText, exactText as exact, readText, readTyped } from "../engine/pkg/web_engine.js";
import { type CellValue, exactText, formatValue } from "../src/cells/values.ts";
import { ColumnKind } from "../src/gen/gridloom/v1/values_pb.ts";
import { loadEngine } from "./opened.ts";

beforeAll(loadEngine);

const { ANY, BOOL, DATE, DATETIME, LOCAL_DATETIME, NUMBER, TEXT } = ColumnKind;
const KINDS = [ANY, BOOL, DATE, DATETIME, LOCAL_DATETIME, NUMBER, TEXT];
const MAY_DAY = BigInt(Date.UTC(2024, 4, 1)) * 1000n;

test.each<[string, ColumnKind, CellValue]>([
  ["", ANY, null],
  ["", TEXT, null],
  ["12.5", ANY, 12.5],
  ["007", ANY, "007"],
  ["100.00", ANY, "100.00"],
  ["12E3", ANY, "12E3"],
  ["1,234", ANY, "1,234"],
  ["844197938335842304", ANY, "844197938335842304"],
  ["true", ANY, true],
  ["yes", ANY, "yes"],
  ["2024-05-01", ANY, { days: 19_844 }],
  ["0000-01-01", ANY, "0000-01-01"],
  ["2016-12-31T23:59:60Z", ANY, "2016-12-31T23:59:60Z"],
  [" 7 ", ANY, " 7 "],
  ["'7", ANY, "7"],
  ["'", NUMBER, null],
  ["1,234.5", NUMBER, "1,234.5"],
  ["007", NUMBER, 7],
  ["100.00", NUMBER, 100],
  [".5", NUMBER, 0.5],
  ["9007199254740993", NUMBER, "9007199254740993"],
  ["about 7", NUMBER, "about 7"],
  ["1e999", NUMBER, "1e999"],
  ["-", NUMBER, "-"],
  ["yes", BOOL, true],
  ["0", BOOL, false],
  ["maybe", BOOL, "maybe"],
  ["12", TEXT, "12"],
  ["2024-05-01", DATE, { days: 19_844 }],
  ["2024-05-01 12:30", LOCAL_DATETIME, { micros: MAY_DAY + 45_000_000_000n }],
  ["2024-05-01 12:30", DATETIME, MAY_DAY + 45_000_000_000n],
  ["2024-05-01T02:00:00+02:00", DATETIME, MAY_DAY],
  ["tomorrow", DATETIME, "tomorrow"],
])("%s in a column of kind %i is %s", (text, kind, value) => {
  expect(readTyped(text, kind)).toEqual(value);
});

test("only typed text has a leading apostrophe removed", () => {
  for (const kind of KINDS) {
    expect(readTyped("'7", kind)).toBe("7");
    expect(readText("'7", kind)).toBe("'7");
  }
});

const VALUES: CellValue[] = [
  ...[null, true, false, 0, -1.5e300, 1e21, 1e-7, 0.000001, 123456.789],
  ...["7", "'x", "true", "a b", "2024-05-01", " ", "=1+1"],
  ...[MAY_DAY, -1n, { days: -719_162 }, { days: 2_932_896 }, { micros: -1n }, { micros: MAY_DAY }],
];

test("the page and the engine write the same text", () => {
  for (const value of VALUES) expect(exactText(value)).toBe(exact(value));
});

test("what a cell shows is the same value when it is typed in a column of its kind, or of any", () => {
  const times: [CellValue, ColumnKind][] = [
    [MAY_DAY + 52_200_000_000n, DATETIME],
    [{ micros: MAY_DAY + 52_200_000_000n }, LOCAL_DATETIME],
    [{ days: 19_844 }, DATE],
  ];
  for (const [value, own] of times)
    for (const kind of [own, ANY]) expect(readTyped(formatValue(value, kind), kind)).toEqual(value);
});

test("what is not text is read again from its exact text", () => {
  for (const value of VALUES)
    if (typeof value !== "string") expect(readText(exactText(value), ANY)).toEqual(value);
});

test("an editor that closes unchanged leaves the value", () => {
  for (const value of VALUES) expect(readTyped(editedText(value, ANY), ANY)).toEqual(value);
  for (const kind of KINDS)
    for (const value of VALUES)
      if (typeof value === "string") expect(readTyped(editedText(value, kind), kind)).toBe(value);
});

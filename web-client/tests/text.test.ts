// Texts as the engine reads and writes them, and the text of the page beside it.
import { create, toBinary } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import {
  ColumnText,
  decimalMark,
  exactText as exact,
  isOfKind,
  joinOptions,
  losesZeros,
  settingsProblem,
  splitOptions,
} from "../engine/pkg/web_engine.js";
import { type CellValue, exactText, formatValue } from "../src/cells/values.ts";
import {
  ColumnKind,
  type ColumnSettings,
  ColumnSettingsSchema,
} from "../src/gen/gridloom/v1/values_pb.ts";
import { linkOf } from "../src/grid/links/follow.ts";
import { languages, shownLanguage } from "../src/pages/account/languages.ts";
import { loadEngine } from "./opened.ts";

beforeAll(loadEngine);

type Settings = Partial<Omit<ColumnSettings, "$typeName">>;

function bytes(settings: Settings): Uint8Array {
  return toBinary(ColumnSettingsSchema, create(ColumnSettingsSchema, settings));
}

function column(kind: ColumnKind, settings: Settings = {}): ColumnText {
  return new ColumnText(kind, bytes(settings));
}

const readTyped = (text: string, kind: ColumnKind, tag = "und") =>
  column(kind).readTyped(text, tag);
const readText = (text: string, kind: ColumnKind, tag = "und") => column(kind).readText(text, tag);
const editedText = (value: CellValue, kind: ColumnKind, tag = "und") =>
  column(kind).editedText(value, tag);

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
  ["2024-05-01 12:30 UTC", DATETIME, MAY_DAY + 45_000_000_000n],
  ["2024-05-01T02:00:00+02:00", DATETIME, MAY_DAY],
  ["tomorrow", DATETIME, "tomorrow"],
])("%s in a column of kind %i is %s", (text, kind, value) => {
  expect(readTyped(text, kind)).toEqual(value);
});

test("numbers and days are read, edited and shown by the locale of the person", () => {
  expect(readTyped("1.234,5", NUMBER, "de")).toBe(1234.5);
  expect(readTyped("1,234.5", NUMBER, "en-US")).toBe(1234.5);
  expect(readTyped("1,5", ANY, "de")).toBe("1,5");
  expect(readTyped("5/1/2024", DATE, "en-US")).toEqual({ days: 19_844 });
  expect(editedText(-1.5, NUMBER, "de")).toBe("-1,5");
  for (const { tag } of languages())
    for (const value of [0, -1234.5, 1e21, 1.5e-9, 0.1]) {
      expect(readTyped(editedText(value, NUMBER, tag), NUMBER, tag)).toBe(value);
      const shown = formatValue(value, NUMBER, decimalMark(tag));
      expect(readTyped(shown, NUMBER, tag)).toBe(value);
    }
});

test("the languages have names and examples, and the one of a browser is found among them", () => {
  const all = languages();
  expect(all[0]).toEqual({ tag: "und", name: "No language", number: "1234.5", day: "2024-12-31" });
  const swiss = {
    tag: "de-CH",
    name: "German (Switzerland)",
    number: "1’234.5",
    day: "31.12.2024",
  };
  expect(all).toContainEqual(swiss);
  const shown = ["de", "und", "", "xx"].map((tag) => shownLanguage(all, tag));
  expect(shown).toEqual(["de", "und", "und", "und"]);
});

test.each<[string, string, string]>([
  ["en-AU", "1,234.5", "31/12/2024"],
  ["es-PE", "1,234.5", "31/12/2024"],
  ["pt_BR", "1.234,5", "31/12/2024"],
])("the language %s of an account is shown as itself", (tag, number, day) => {
  const all = languages(tag);
  expect(shownLanguage(all, tag)).toBe(tag);
  expect(all.find((one) => one.tag === tag)).toMatchObject({ number, day });
  expect(languages().some((one) => one.tag === tag)).toBe(false);
});

test("a time without a zone is one of the browser's zone", () => {
  const local = new Date(2024, 4, 1, 12, 30).getTime();
  for (const text of ["2024-05-01 12:30", "2024-05-01T12:30:00"])
    expect(readTyped(text, DATETIME)).toBe(BigInt(local) * 1000n);
  expect(readTyped("2024-05-01", DATETIME)).toBe(MAY_DAY);
});

test("a number that has lost its zeros is noticed", () => {
  expect(losesZeros("007", readTyped("007", NUMBER))).toBe(true);
  for (const [text, kind] of [
    ["7", NUMBER],
    ["0.7", NUMBER],
    ["007", TEXT],
  ] as const)
    expect(losesZeros(text, readTyped(text, kind))).toBe(false);
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

/** Numbers below 2^32 in a fixed sequence; see "Numerical Recipes", section 7.1. */
function sequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

test("the page and the engine write the same text of any number and time", () => {
  const next = sequence();
  const bits = new DataView(new ArrayBuffer(8));
  const [first, length] = [-62_135_596_800n, 315_537_897_600n];
  for (let i = 0; i < 10_000; i++) {
    bits.setUint32(0, next());
    bits.setUint32(4, next());
    const any = bits.getFloat64(0);
    const decimal = (next() - 2 ** 31) / 10 ** (next() % 24);
    const second = first + ((BigInt(next()) * 1_000_003n) % length);
    const micros = second * 1_000_000n + BigInt(i % 2 === 0 ? 0 : next() % 1_000_000);
    const days = Number((second - first) / 86_400n) - 719_162;
    for (const value of [Number.isFinite(any) ? any : 0, decimal, micros, { micros }, { days }])
      expect(exactText(value)).toBe(exact(value));
  }
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

test("a number is shown by the form of its column, and edited exactly", () => {
  const money = column(NUMBER, {
    decimals: 2,
    thousands: true,
    unit: { case: "currency", value: "EUR" },
  });
  expect(money.shownText(1234.567, "en")).toBe("EUR\u00a01,234.57");
  expect(money.editedText(1234.567, "en")).toBe("1234.567");
  expect(money.readTyped("EUR 1,234.567", "en")).toBe(1234.567);
  const german = column(NUMBER, { locale: "de", unit: { case: "percent", value: true } });
  expect(german.shownText(0.125, "en")).toBe("12,5%");
  expect(german.readTyped("12,5", "en")).toBe(0.125);
  for (const text of [money, german])
    for (const value of [0, -0.5, 1234.567, 1e21])
      expect(text.readTyped(text.editedText(value, "en"), "en")).toBe(value);
});

test("an option is read in any letter case, and only its own text fits", () => {
  const one = column(ColumnKind.CHOICE, { options: ["Größe", "Red"], refuse: true });
  expect(one.readTyped("GRÖSSE", "")).toBe("Größe");
  expect(one.readTyped("red", "")).toBe("Red");
  expect([one.refusal("Red"), one.refusal(null)]).toEqual([undefined, undefined]);
  expect(one.refusal("red")).toContain("a text; enter it");
  expect(one.refusal("blue")).toContain("one of the column's options");
  expect(column(ColumnKind.CHOICE, { options: ["Red"] }).refusal("blue")).toBeUndefined();
  const several = column(ColumnKind.CHOICES, { options: ["Red", "a, b"] });
  expect(several.readTyped('"A, B", red', "")).toBe('"a, b", Red');
  expect(splitOptions('"a, b", Red')).toEqual(["a, b", "Red"]);
  expect(joinOptions(["a, b", "Red"])).toBe('"a, b", Red');
  expect(splitOptions('"a')).toBeUndefined();
});

test("settings that break a rule are named", () => {
  expect(settingsProblem(bytes({ options: ["a", "a"] }))).toContain("options must differ");
  expect(settingsProblem(bytes({ unit: { case: "currency", value: "1" } }))).toContain("currency");
  expect(settingsProblem(bytes({ decimals: 2 }))).toBeUndefined();
});

test("only what a column takes for an address is opened", () => {
  const { LINK, EMAIL } = ColumnKind;
  expect(linkOf("https://example.org/a?b", LINK)).toBe("https://example.org/a?b");
  expect(linkOf("mailto:ada@example.org", LINK)).toBe("mailto:ada@example.org");
  for (const text of ["ftp://example.org/x", "tel:+491"]) expect(linkOf(text, LINK)).toBe(text);
  for (const text of ["javascript:alert(1)", "file:///etc", "example.org", ""])
    expect(linkOf(text, LINK)).toBeUndefined();
  expect(linkOf("ada@example.org", EMAIL)).toBe("mailto:ada@example.org");
  expect(linkOf("a?bcc=b&c@example.org", EMAIL)).toBe("mailto:a%3Fbcc%3Db%26c@example.org");
  expect(linkOf("ada", EMAIL)).toBeUndefined();
  expect(linkOf("https://example.org", TEXT)).toBeUndefined();
  expect(isOfKind("https://example.org", LINK)).toBe(true);
});

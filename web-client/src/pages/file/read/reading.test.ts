import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ImportRepair } from "../../../gen/gridloom/v1/sheets_pb.ts";
import {
  FileFormat,
  type PreviewFileResponse,
  PreviewFileResponseSchema,
} from "../../../gen/gridloom/v1/tables_pb.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { NOTHING_CHOSEN } from "../../import/how.ts";
import {
  atWorksheet,
  fileReading,
  hasCsvChoice,
  isRepaired,
  mayRepair,
  NO_CHOICES,
  previewReading,
  withHow,
  withRepairs,
} from "./reading.ts";

function shown(given: MessageInitShape<typeof PreviewFileResponseSchema>): PreviewFileResponse {
  return create(PreviewFileResponseSchema, given);
}

const KINDS = { ...NOTHING_CHOSEN, kinds: new Map([[1, ColumnKind.TEXT]]) };
const CSV = shown({ format: FileFormat.CSV, hasHeader: true });
const BOOK = shown({ format: FileFormat.XLSX, worksheets: ["A", "B"], hasHeader: true });

test("without a choice the server finds all", () => {
  expect(previewReading(NO_CHOICES, FileFormat.UNSPECIFIED)).toEqual({});
  expect(fileReading(NO_CHOICES, CSV)).toEqual({});
  expect(fileReading(NO_CHOICES, BOOK)).toEqual({});
});

test("the file is read by the choices that the preview shows", () => {
  const choices = withHow(NO_CHOICES, { ...KINDS, delimiter: ";" });
  const reading = fileReading(choices, CSV);
  expect(reading).toEqual(previewReading(choices, FileFormat.CSV));
  expect(reading.tables?.[0]).toMatchObject({
    worksheet: "",
    options: { delimiter: ";", kinds: [0, ColumnKind.TEXT] },
  });
});

test("a repair of a file that no preview has shown is a part of its reading", () => {
  const choices = withHow(NO_CHOICES, { ...NOTHING_CHOSEN, repairs: [ImportRepair.FILL_ROWS] });
  const reading = previewReading(choices, FileFormat.UNSPECIFIED);
  expect(reading.tables?.[0]?.options).toMatchObject({ repairs: [ImportRepair.FILL_ROWS] });
});

test("a first row that looks like data is read as the preview does", () => {
  const doubtful = shown({ format: FileFormat.CSV, isHeaderInDoubt: true, hasHeader: false });
  expect(fileReading(NO_CHOICES, doubtful).tables?.[0]?.options).toMatchObject({ noHeader: true });
  const chosen = withHow(NO_CHOICES, { ...NOTHING_CHOSEN, header: true });
  const reading = fileReading(chosen, doubtful);
  expect(reading.tables?.[0]?.options).toMatchObject({ header: true, noHeader: false });
});

test("a choice for one worksheet leaves no other worksheet out", () => {
  // The first worksheet is on the screen before its name is known.
  const choices = withHow(NO_CHOICES, KINDS);
  const { tables = [] } = fileReading(choices, BOOK);
  expect(tables.map(({ worksheet }) => worksheet)).toEqual(["A", "B"]);
  expect(tables.map(({ options }) => options?.kinds)).toEqual([[0, ColumnKind.TEXT], []]);
  const second = withHow(atWorksheet(choices, "B", "A"), { ...NOTHING_CHOSEN, header: false });
  const both = fileReading(second, BOOK).tables ?? [];
  expect(both.map(({ options }) => options?.noHeader)).toEqual([false, true]);
  expect(both[0]?.options?.kinds).toEqual([0, ColumnKind.TEXT]);
});

test("choices that a format does not have are left out", () => {
  const choices = withHow(NO_CHOICES, { ...KINDS, delimiter: ";", header: true });
  const optionsOf = (format: FileFormat) =>
    Object.keys(previewReading(choices, format).tables?.[0]?.options ?? {}).sort();
  expect(optionsOf(FileFormat.PARQUET)).toEqual(["kinds"]);
  expect(optionsOf(FileFormat.XLSX)).toEqual(["header", "kinds", "noHeader"]);
});

test("all repairs are one choice, of the formats of text", () => {
  const how = withRepairs(KINDS, true);
  expect([isRepaired(how), isRepaired(KINDS), isRepaired(withRepairs(how, false))]).toEqual([
    true,
    false,
    false,
  ]);
  const choices = withHow(NO_CHOICES, how);
  const repairsOf = (format: FileFormat) =>
    previewReading(choices, format).tables?.[0]?.options?.repairs;
  for (const format of [FileFormat.CSV, FileFormat.JSON_LINES]) {
    expect(mayRepair(format)).toBe(true);
    expect(repairsOf(format)).toHaveLength(3);
  }
  for (const format of [FileFormat.PARQUET, FileFormat.XLSX]) {
    expect(mayRepair(format)).toBe(false);
    expect(repairsOf(format)).toBeUndefined();
  }
});

test("a chosen encoding is a choice of CSV, and the kinds of columns are not", () => {
  expect(hasCsvChoice(KINDS)).toBe(false);
  expect(hasCsvChoice({ ...KINDS, encoding: "windows-1252" })).toBe(true);
});

import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ImportRepair, PreviewImportResponseSchema } from "../../gen/gridloom/v1/sheets_pb.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { asShown, NOTHING_CHOSEN, ownZone, readingOf, zones } from "./how.ts";

test("what is not chosen is left to the server", () => {
  expect(readingOf(NOTHING_CHOSEN)).toEqual({
    header: false,
    noHeader: false,
    delimiter: "",
    encoding: "",
    decimalMark: "",
    locale: "",
    timeZone: "",
    kinds: [],
    repairs: [],
  });
});

test("the kinds stand at the places of their columns", () => {
  const kinds = new Map([[2, ColumnKind.TEXT]]);
  const reading = readingOf({ ...NOTHING_CHOSEN, kinds, repairs: [ImportRepair.FILL_ROWS] });
  expect(reading.kinds).toEqual([0, 0, ColumnKind.TEXT]);
  expect(reading.repairs).toEqual([ImportRepair.FILL_ROWS]);
  expect(reading.timeZone).toBe("");
});

test("a column of instants has the times of this browser's zone", () => {
  const kinds = new Map([[0, ColumnKind.DATETIME]]);
  const { timeZone } = readingOf({ ...NOTHING_CHOSEN, kinds });
  expect(timeZone).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
});

test("a chosen zone counts for columns of instants, a chosen language for the file", () => {
  const chosen = { ...NOTHING_CHOSEN, timeZone: "Asia/Tokyo", locale: "de" };
  expect(readingOf(chosen)).toMatchObject({ timeZone: "", locale: "de" });
  const kinds = new Map([[0, ColumnKind.DATETIME]]);
  expect(readingOf({ ...chosen, kinds }).timeZone).toBe("Asia/Tokyo");
});

test("the zones begin with that of this browser, and have none twice", () => {
  const all = zones();
  expect(all[0]).toBe(ownZone());
  expect(all).toContain("UTC");
  expect(new Set(all).size).toBe(all.length);
});

test("the import reads the first row as the preview does, unless the person has chosen", () => {
  const shown = create(PreviewImportResponseSchema, { hasHeader: false });
  const preview = { shown, isFormer: false };
  expect(asShown(NOTHING_CHOSEN, preview).header).toBe(false);
  expect(asShown({ ...NOTHING_CHOSEN, header: true }, preview).header).toBe(true);
  expect(asShown(NOTHING_CHOSEN, { ...preview, shown: undefined }).header).toBeUndefined();
});

test("the preview of former choices decides nothing", () => {
  const shown = create(PreviewImportResponseSchema, { hasHeader: false });
  expect(asShown(NOTHING_CHOSEN, { shown, isFormer: true }).header).toBeUndefined();
});

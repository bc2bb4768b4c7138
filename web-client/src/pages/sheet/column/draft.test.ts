// The settings of a column as the dialog has them, and as the server does.
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  ColumnKind,
  ColumnSchema,
  type ColumnSettings,
  ColumnSettingsSchema,
} from "../../../gen/gridloom/v1/values_pb.ts";
import { draftOf, draftProblem, settingsOf, shownOnly } from "./draft.ts";
import { entriesOf } from "./options.ts";

function column(kind: ColumnKind, settings?: ColumnSettings) {
  return create(ColumnSchema, settings === undefined ? { kind } : { kind, settings });
}

test("unchanged settings stay the same", () => {
  const all: ColumnSettings[] = [
    create(ColumnSettingsSchema),
    create(ColumnSettingsSchema, { options: ["a", "b, c"], refuse: true }),
    create(ColumnSettingsSchema, { decimals: 0, unit: { case: "percent", value: true } }),
    create(ColumnSettingsSchema, {
      decimals: 2,
      thousands: true,
      unit: { case: "currency", value: "EUR" },
      locale: "de",
    }),
  ];
  for (const settings of all)
    expect(settingsOf(draftOf(column(ColumnKind.NUMBER, settings)))).toEqual(settings);
  expect(draftOf(undefined).kind).toBe(ColumnKind.ANY);
  expect(draftOf(column(ColumnKind.NUMBER), ColumnKind.CHOICE).kind).toBe(ColumnKind.CHOICE);
});

test("a problem names its setting, and only what the kind uses", () => {
  const draft = draftOf(column(ColumnKind.CHOICE));
  expect(draftProblem(draft)?.setting).toBe("options");
  expect(draftProblem({ ...draft, kind: ColumnKind.NUMBER })).toBeUndefined();
  for (const decimals of ["21", "-1", "1.5", "x"])
    expect(draftProblem({ ...draft, kind: ColumnKind.NUMBER, decimals })?.setting).toBe("decimals");
  const money = { ...draft, kind: ColumnKind.NUMBER, unit: "currency" as const };
  expect(draftProblem(money)?.setting).toBe("currency");
  expect(draftProblem({ ...money, currency: "€" })).toBeUndefined();
});

test("what is typed in a field that the kind does not show is not saved", () => {
  const settings = create(ColumnSettingsSchema, { options: ["a"], decimals: 2, locale: "de" });
  const stored = draftOf(column(ColumnKind.NUMBER, settings));
  const typed = {
    ...stored,
    options: entriesOf(["x", "x"]),
    decimals: "99",
    unit: "currency" as const,
    currency: "kr.",
    locale: "xx",
    refuse: true,
  };
  const saved = (kind: ColumnKind) => settingsOf(shownOnly({ ...typed, kind }, stored));
  expect(saved(ColumnKind.ANY)).toEqual(settings);
  expect(saved(ColumnKind.TEXT)).toEqual({ ...settings, refuse: true });
  expect(saved(ColumnKind.DATE)).toEqual({ ...settings, locale: "xx", refuse: true });
  expect(saved(ColumnKind.CHOICE)).toEqual({ ...settings, options: ["x", "x"], refuse: true });
  expect(saved(ColumnKind.NUMBER).options).toEqual(["a"]);
  expect(saved(ColumnKind.NUMBER).unit.value).toBe("kr.");
});

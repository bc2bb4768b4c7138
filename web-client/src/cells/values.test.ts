import { expect, test } from "vitest";
import { ColumnKind } from "../gen/gridloom/v1/values_pb.ts";
import { type CellValue, exactText, fitNumber, formatValue, sameValue } from "./values.ts";

const MAY_DAY = BigInt(Date.UTC(2024, 4, 1)) * 1000n;

test.each<[CellValue, ColumnKind, string, string]>([
  [null, ColumnKind.ANY, "", ""],
  [true, ColumnKind.BOOL, "true", "true"],
  [0.1, ColumnKind.NUMBER, "0.1", "0.1"],
  [-0, ColumnKind.ANY, "0", "0"],
  [1e21, ColumnKind.ANY, "1e21", "1e21"],
  [{ days: 19_844 }, ColumnKind.DATE, "2024-05-01", "2024-05-01"],
  [{ days: -719_162 }, ColumnKind.ANY, "0001-01-01", "0001-01-01"],
  [{ micros: MAY_DAY }, ColumnKind.LOCAL_DATETIME, "2024-05-01 00:00", "2024-05-01 00:00:00"],
  [{ micros: MAY_DAY }, ColumnKind.ANY, "2024-05-01 00:00:00", "2024-05-01 00:00:00"],
  [
    { micros: -1n },
    ColumnKind.LOCAL_DATETIME,
    "1969-12-31 23:59:59.999999",
    "1969-12-31 23:59:59.999999",
  ],
  [MAY_DAY, ColumnKind.DATETIME, "2024-05-01 00:00 UTC", "2024-05-01T00:00:00Z"],
  [MAY_DAY, ColumnKind.LOCAL_DATETIME, "2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"],
  [
    MAY_DAY + 1_500_000n,
    ColumnKind.DATETIME,
    "2024-05-01 00:00:01.5 UTC",
    "2024-05-01T00:00:01.5Z",
  ],
])(
  "%s in a column of kind %i is shown as %s, and is %s for programs",
  (value, kind, shown, exact) => {
    expect(formatValue(value, kind)).toBe(shown);
    expect(exactText(value)).toBe(exact);
  },
);

test("a number in a column of numbers has the decimal mark of the person", () => {
  expect(formatValue(-1234.5, ColumnKind.NUMBER, ",")).toBe("-1234,5");
  expect(formatValue(1.5e-9, ColumnKind.NUMBER, ",")).toBe("1,5e-9");
  expect(formatValue(1.5, ColumnKind.ANY, ",")).toBe("1.5");
  expect(formatValue("1.5", ColumnKind.NUMBER, ",")).toBe("1.5");
});

test("days and times are compared by their values", () => {
  const values: CellValue[] = [null, 1, "1", 1n, { days: 1 }, { micros: 1n }, { days: 2 }];
  for (const [i, one] of values.entries())
    for (const [k, other] of values.entries())
      expect(sameValue(one, structuredClone(other))).toBe(i === k);
  expect(sameValue(undefined, null)).toBe(false);
});

test.each<[number, number, string]>([
  [34.75675675675676, 20, "34.75675675675676"],
  [34.75675675675676, 8, "34.75676"],
  [-100.09090909, 5, "-100"],
  [123456789, 6, "1.23e8"],
  [123456789, 9, "123456789"],
  [123456789, 3, "1e8"],
  [123456789, 2, "##"],
  [0.000001234567, 8, "0.000001"],
  [1.5e300, 8, "1.5e300"],
])("%d in %i characters is %s", (value, room, text) => {
  expect(fitNumber(value, room)).toBe(text);
});

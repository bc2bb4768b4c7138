import { expect, test } from "vitest";
import { offeredName } from "./offered-name.ts";

test.each([
  ["stock.csv", "by shop", "stock by shop.parquet"],
  ["Sheet1", "with total", "Sheet1 with total.parquet"],
  [".csv", "joined", "Rows joined.parquet"],
  ["stock.csv", "", "stock.parquet"],
])("%s %s is offered as %s", (table, end, name) => {
  expect(offeredName(table, end)).toBe(name);
});

test("long names leave room for each other", () => {
  const name = offeredName("t".repeat(300), "e".repeat(300));
  expect([...name].length).toBeLessThanOrEqual(200);
  expect(name).toMatch(/^t{120} e{60}\.parquet$/);
});

import { expect, test } from "vitest";
import { CHOICES, savedAs, withEnding } from "./saved.ts";

test("each choice is found by its value, which it has alone", () => {
  for (const choice of CHOICES) expect(savedAs(choice.value)).toBe(choice);
});

test.each([
  ["stock.csv", "stock.xlsx"],
  ["stock", "stock.xlsx"],
  ["v1.2", "v1.2.xlsx"],
  [".csv", "Rows.xlsx"],
])("%s becomes %s", (name, saved) => {
  expect(withEnding(name, "xlsx")).toBe(saved);
});

test("a long name leaves room for the ending", () => {
  const name = withEnding("ä".repeat(300), "parquet");
  expect([...name].length).toBe(200);
  expect(name.endsWith("ä.parquet")).toBe(true);
});

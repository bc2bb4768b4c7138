// When a rename changes a name.
import { expect, test } from "vitest";
import { newName } from "./new-name.ts";

test("a name that is left unchanged keeps its space; a changed one has none at its ends", () => {
  expect(newName(" Price ", " Price ")).toBeUndefined();
  expect(newName("Price", " Price ")).toBeUndefined();
  expect(newName(" Price ", " Price x ")).toBe("Price x");
  expect(newName(" Price ", "Price")).toBe("Price");
  expect(newName("Price", "")).toBe("");
});

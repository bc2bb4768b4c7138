import { expect, test } from "vitest";
import { firstLocaleText } from "./first-locale-text.ts";

test("the message names the language, and how it writes a number", () => {
  expect(firstLocaleText("de")).toBe("Numbers and days are read as in German (1.234,5).");
});

import { beforeAll, expect, test } from "vitest";
import { localeExample } from "../../../engine/pkg/web_engine.js";
import { loadEngine } from "../../../tests/opened.ts";
import { firstLocaleText } from "./first-locale-text.ts";

beforeAll(loadEngine);

test("the message names the language, and how it writes a number and a day", () => {
  expect(firstLocaleText("de", localeExample("de"))).toBe(
    "Numbers and days are read as in German (1.234,5 · 31.12.2024).",
  );
  expect(firstLocaleText("de", [])).toBe("Numbers and days are read as in German.");
});

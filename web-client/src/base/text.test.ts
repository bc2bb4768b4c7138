import { expect, test } from "vitest";
import { initials, span } from "./text.ts";

test("initials are those of the first and the last name", () => {
  expect(initials("Ada Lovelace")).toBe("AL");
  expect(initials("ada king of lovelace")).toBe("AL");
  expect(initials("ada.lovelace")).toBe("AL");
  expect(initials("Ben")).toBe("B");
  expect(initials("  ")).toBe("?");
  expect(initials("😀 Smile")).toBe("😀S");
});

test("a span of time is in hours only when they are whole", () => {
  expect(span(3_600)).toBe("1 hour");
  expect(span(7_200)).toBe("2 hours");
  expect(span(5_400)).toBe("90 minutes");
  expect(span(20)).toBe("1 minute");
});

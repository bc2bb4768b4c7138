import { expect, test } from "vitest";
import { initials } from "./text.ts";

test("initials are those of the first and the last name", () => {
  expect(initials("Ada Lovelace")).toBe("AL");
  expect(initials("ada king of lovelace")).toBe("AL");
  expect(initials("ada.lovelace")).toBe("AL");
  expect(initials("Ben")).toBe("B");
  expect(initials("  ")).toBe("?");
  expect(initials("😀 Smile")).toBe("😀S");
});

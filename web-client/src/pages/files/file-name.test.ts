import { expect, test } from "vitest";
import { checkFileName } from "./file-name.ts";

test("a name has 1 to 200 characters, and none that controls", () => {
  expect(checkFileName("  ")).toBe("Give the file a name.");
  expect(checkFileName("a\u0007b")).toContain("control characters");
  expect(checkFileName("𝒳".repeat(200))).toBeUndefined();
  expect(checkFileName("x".repeat(201))).toContain("this name has 201.");
});

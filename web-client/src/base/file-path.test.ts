import { expect, test } from "vitest";
import { filePath } from "./file-path.ts";

test("the page of a file has the id of the file in its path", () => {
  expect(filePath("f1")).toBe("/file/f1");
  expect(filePath("a/b")).toBe("/file/a%2Fb");
});

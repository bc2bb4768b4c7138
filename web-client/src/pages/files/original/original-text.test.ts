import { expect, test } from "vitest";
import { confirmText, noDownload, originalText } from "./original-text.ts";

test("a file whose original is there is downloaded", () => {
  const file = { originalDeletedAtMicros: 0n };
  expect(originalText(file)).toBeUndefined();
  expect(noDownload(file)).toBeUndefined();
});

test("the day of the deletion is the reason", () => {
  const file = { originalDeletedAtMicros: BigInt(Date.UTC(2026, 4, 3, 12)) * 1000n };
  expect(originalText(file)).toMatch(/^Original deleted on .*2026/);
  expect(noDownload(file)).toContain("save its rows as a file");
});

test("what stays and what is freed is named before", () => {
  const text = confirmText({ sizeBytes: 3n * 1024n * 1024n });
  expect(text).toContain("tables that were read of it stay");
  expect(text).toContain("3 MiB");
  expect(text).toContain("can't be undone");
});

import { expect, test } from "vitest";
import { percentText, progressText, sizeText } from "./size-text.ts";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [812, "812 bytes"],
  [1023, "1,023 bytes"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [1024 * 1024 - 1, "1 MiB"],
  [123.4 * 1024 * 1024, "123 MiB"],
  [1023 * 1024 * 1024, "1,023 MiB"],
  [64n * 1024n ** 3n, "64 GiB"],
  [5000n * 1024n ** 4n, "5,000 TiB"],
])("%d bytes are %j", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test("progress names the whole once it is done, and no percentage before that is 100", () => {
  expect(progressText(2048, 4096)).toBe("2 KiB of 4 KiB");
  expect(progressText(4096, 4096)).toBe("4 KiB");
  expect(percentText(999, 1000)).toBe("99\u00a0%");
  expect(percentText(1000, 1000)).toBe("100\u00a0%");
  expect(percentText(0, 0)).toBe("0\u00a0%");
});

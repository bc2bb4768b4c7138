import { expect, test } from "vitest";
import { withoutOptions } from "./without-options.ts";

test.each([
  ["choose the kind Date for it (--kinds)", "choose the kind Date for it"],
  ["choose the comma (--decimal-mark, --locale), or text", "choose the comma, or text"],
  ["1 - 2 (- 3), and a (--B)", "1 - 2 (- 3), and a (--B)"],
])("%j is %j", (sentence, shown) => {
  expect(withoutOptions(sentence)).toBe(shown);
});

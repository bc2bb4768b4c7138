import { expect, test } from "vitest";
import { type Loss, lossText } from "./hold.ts";

const nameOf = (id: string) => (id === "b" ? "Ben" : undefined);

test.each<[Loss, string]>([
  [{ axis: "row", cause: "other", author: "b" }, "This row was deleted by Ben."],
  [{ axis: "column", cause: "other", author: "b" }, "This column was deleted by Ben."],
  [{ axis: "row", cause: "other", author: "c" }, "This row was deleted by someone else."],
  [{ axis: "column", cause: "own", author: undefined }, "You deleted this column."],
])("%o reads %s", (loss, text) => {
  expect(lossText(loss, nameOf)).toBe(text);
});

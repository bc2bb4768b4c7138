// A chosen option replaces the other one as a whole; free texts and lists of options are merged.
import { expect, test } from "vitest";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { mergedText } from "./merged-text.ts";

test("letters of two options or addresses are never mixed", () => {
  for (const kind of [ColumnKind.CHOICE, ColumnKind.LINK, ColumnKind.EMAIL])
    expect(mergedText("Open", kind)).toBeUndefined();
  for (const kind of [ColumnKind.ANY, ColumnKind.TEXT, ColumnKind.NUMBER, ColumnKind.CHOICES])
    expect(mergedText("Open", kind)).toBe("Open");
  expect(mergedText(7, ColumnKind.TEXT)).toBeUndefined();
});

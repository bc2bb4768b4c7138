import { expect, test } from "vitest";
import type { OwnEdit } from "../thread/own-edits.ts";
import { leftEdits } from "./left-texts.ts";

function edit(name: string, text: string | undefined, hasField = true): OwnEdit {
  const changed = text === undefined ? undefined : { text, mentions: [], base: "row 12" };
  return { name, number: 7n, changed, hasField };
}

test("changes without a field are listed, unchanged texts are not", () => {
  const all = [edit("a", "row 13"), edit("b", "row 14", false), edit("c", undefined, false)];
  const left = (isShown: boolean) =>
    leftEdits({ all, end: () => undefined }, () => isShown).map(({ text }) => text);
  expect(left(true)).toEqual(["row 14"]);
  expect(left(false)).toEqual(["row 13", "row 14"]);
});

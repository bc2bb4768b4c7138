import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { beginProblem } from "./begin-problem.ts";

/** A refusal of a field as the server sends it, with google.rpc.BadRequest. */
function refusal(field: string): ConnectError {
  const error = new ConnectError(field, Code.OutOfRange);
  const violation = new BinaryWriter().tag(1, 2).string(field).tag(2, 2).string("a rule").finish();
  const value = new BinaryWriter().tag(1, 2).bytes(violation).finish();
  error.details = [{ type: "google.rpc.BadRequest", value }];
  return error;
}

test.each([
  ["merge", "Filter them"],
  ["merge.key", "can't be a key"],
  ["merge.sheet_key", "no column"],
  ["merge.sheet_key.name", "Several columns"],
  ["new_sheet.name", "the sheet another name"],
  ["saved.name", "the file another name"],
])("a refused %s has words of its own", (field, words) => {
  expect(beginProblem(refusal(field))).toContain(words);
});

test("another refusal has the words of files", () => {
  expect(beginProblem(new ConnectError("", Code.NotFound))).toBe("This file no longer exists.");
});

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { serverSentence } from "../../files/tables/server-sentence.ts";
import { NOTHING_CHOSEN } from "../../import/how.ts";
import { isOfCsv, readProblem } from "./read-problem.ts";

test("what is wrong in the file is said as the server has it, with the line", () => {
  const error = new ConnectError("line 7: no object", Code.InvalidArgument);
  expect(readProblem(error, NOTHING_CHOSEN)).toEqual({
    text: "Line 7: no object.",
    remedy: undefined,
  });
  expect(serverSentence("line 2: 3 values, not 5 (--repair)")).toBe("Line 2: 3 values, not 5.");
});

test("what is wrong at the server has the sentence of the page", () => {
  const gone = new ConnectError("file: there is none", Code.NotFound);
  expect(readProblem(gone, NOTHING_CHOSEN).text).toBe("This file no longer exists.");
});

test.each([
  ["CSV_DAMAGED_TEXT", true],
  ["CSV_NOT_UTF8", true],
  ["CSV_EMPTY", false],
  ["PREVIEW_TOO_SLOW", false],
])("%s is a problem that choices of CSV may solve: %s", (name, isSolved) => {
  const error = new ConnectError(name, Code.InvalidArgument);
  const value = new BinaryWriter().tag(1, 2).string(name).finish();
  error.details = [{ type: "google.rpc.ErrorInfo", value }];
  expect(isOfCsv(error)).toBe(isSolved);
});

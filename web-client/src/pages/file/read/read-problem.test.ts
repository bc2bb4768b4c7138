import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { serverSentence } from "../../files/tables/server-sentence.ts";
import { NOTHING_CHOSEN } from "../../import/how.ts";
import { readProblem } from "./read-problem.ts";

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

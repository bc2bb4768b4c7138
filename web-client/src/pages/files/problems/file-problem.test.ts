import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { fileProblem } from "./file-problem.ts";
import { LocalProblem } from "./local-problem.ts";

/** A refusal as the server sends it, with google.rpc.ErrorInfo. */
function refusal(code: Code, name: string): ConnectError {
  const error = new ConnectError(name, code);
  const value = new BinaryWriter().tag(1, 2).string(name).finish();
  error.details = [{ type: "google.rpc.ErrorInfo", value }];
  return error;
}

test.each([
  [Code.ResourceExhausted, "STORAGE_FULL", "for good"],
  [Code.ResourceExhausted, "FILES_EXCEEDED", "for good"],
  [Code.ResourceExhausted, "PLACE_FULL", "full"],
  [Code.Unavailable, "WRONG_PLACE", "operator"],
  [Code.DataLoss, "PIECE_LOST", "Remove it and upload it again"],
  [Code.PermissionDenied, "GUEST", "Sign up"],
  [Code.NotFound, "NOT_FOUND", "This file no longer exists."],
])("%s %s has words of its own", (code, name, words) => {
  expect(fileProblem(refusal(code, name))).toContain(words);
});

test("a problem of this computer keeps its words, and another error those of the application", () => {
  expect(fileProblem(new LocalProblem("The disk is full."))).toBe("The disk is full.");
  const ended = new ConnectError("", Code.Unauthenticated);
  expect(fileProblem(ended)).toBe("Your session has ended. Sign in again.");
});

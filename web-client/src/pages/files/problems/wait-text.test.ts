import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { LocalProblem } from "./local-problem.ts";
import { waitText } from "./wait-text.ts";

test("a transfer that waits asks for no further try", () => {
  expect(waitText(new ConnectError("", Code.Unavailable))).toBe(
    "The server is starting or restarting. This continues alone.",
  );
  expect(waitText(new ConnectError("", Code.ResourceExhausted))).toBe(
    "The server is busy. This continues alone.",
  );
});

test("a sentence without such advice stays as it is", () => {
  expect(waitText(new LocalProblem("The disk is full."))).toBe("The disk is full.");
});

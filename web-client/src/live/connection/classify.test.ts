import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { classify, classifySend } from "./classify.ts";

/** An error with the field whose rule is violated, as the server sends it. */
function malformed(field: string): ConnectError {
  const violation = new BinaryWriter().tag(1, 2).string(field).tag(2, 2).string("is too long");
  const value = new BinaryWriter().tag(1, 2).bytes(violation.finish()).finish();
  const error = new ConnectError(`${field}: is too long`, Code.InvalidArgument);
  error.details = [{ type: "google.rpc.BadRequest", value }];
  return error;
}

test("an error that names the sheet's id means a wrong link", () => {
  const text = "This link isn't valid.";
  expect(classify(malformed("hello.sheet_id"))).toEqual({ kind: "final", end: "bad-link", text });
});

test.each([
  malformed("hello.client_id"),
  malformed("hello.known_revision"),
  new ConnectError("what is this?", Code.InvalidArgument),
])("another error does not mean a wrong link: $message", (error) => {
  const text = "The server did not understand this page. Reload the page.";
  expect(classify(error)).toEqual({ kind: "final", end: "refused", text });
});

test("what the page can't read is not requested again: it reloads", () => {
  const error = Object.assign(new Error("the server sent a malformed frame"), {
    name: "MalformedFrame",
  });
  expect(classify(error)).toMatchObject({ kind: "final", end: "outdated" });
  expect(classify(new Error("the server resumed another session")).kind).toBe("retry");
});

test("an unavailable server is retried; an invalid token is not", () => {
  expect(classify(new ConnectError("", Code.Unavailable)).kind).toBe("retry");
  const ended = classify(new ConnectError("", Code.Unauthenticated));
  expect(ended).toMatchObject({ kind: "final", end: "signed-out" });
});

/** An error with a reason, as the server sends it. */
function refused(reason: string): ConnectError {
  const value = new BinaryWriter().tag(1, 2).string(reason).finish();
  const error = new ConnectError("", Code.ResourceExhausted);
  error.details = [{ type: "google.rpc.ErrorInfo", value }];
  return error;
}

test("frames above a rate are sent again in the same session; others need a new one", () => {
  expect(classifySend(refused("RATE_LIMITED")).kind).toBe("retry");
  expect(classifySend(refused("TOO_MANY_BYTES")).kind).toBe("lost");
});

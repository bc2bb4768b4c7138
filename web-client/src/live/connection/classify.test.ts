import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { classify } from "./classify.ts";

/** An error that names the field whose rule is broken, as the server sends it. */
function malformed(field: string): ConnectError {
  const violation = new BinaryWriter().tag(1, 2).string(field).tag(2, 2).string("is too long");
  const value = new BinaryWriter().tag(1, 2).bytes(violation.finish()).finish();
  const error = new ConnectError(`${field}: is too long`, Code.InvalidArgument);
  error.details = [{ type: "google.rpc.BadRequest", value }];
  return error;
}

test("a link is wrong when the server names the sheet's id", () => {
  const text = "This link isn't valid.";
  expect(classify(malformed("hello.sheet_id"))).toEqual({ kind: "final", end: "bad-link", text });
});

test.each([
  malformed("hello.client_id"),
  malformed("hello.known_revision"),
  new ConnectError("what is this?", Code.InvalidArgument),
])("a link is not to blame for another error: $message", (error) => {
  const text = "The server did not understand this page. Reload the page.";
  expect(classify(error)).toEqual({ kind: "final", end: "refused", text });
});

test("a server that is away is asked again; an ended token is not", () => {
  expect(classify(new ConnectError("", Code.Unavailable)).kind).toBe("retry");
  const ended = classify(new ConnectError("", Code.Unauthenticated));
  expect(ended).toMatchObject({ kind: "final", end: "signed-out" });
});

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { previewProblem, refusedFields } from "./refused.ts";

function detailed(type: string, value: Uint8Array, code = Code.InvalidArgument): ConnectError {
  const error = new ConnectError("The API answers 404 to the first key.", code);
  error.details = [{ type, value }];
  return error;
}

function refusal(field: string): ConnectError {
  const violation = new BinaryWriter().tag(1, 2).string(field).tag(2, 2).string("is bad").finish();
  const value = new BinaryWriter().tag(1, 2).bytes(violation).finish();
  return detailed("google.rpc.BadRequest", value);
}

function reason(name: string, code: Code): ConnectError {
  const value = new BinaryWriter().tag(1, 2).string(name).finish();
  return detailed("google.rpc.ErrorInfo", value, code);
}

test.each([
  ["enrichment.url", "url"],
  ["enrichment.key.name", "key"],
  ["enrichment.take[2].path", "take[2].path"],
  ["enrichment.take[2]", "take[2].path"],
  ["enrichment.headers[0].name", "headers[0].name"],
  ["enrichment.headers[0]", "headers[0].name"],
])("a refused %s is shown at %s", (field, at) => {
  expect([...refusedFields(refusal(field))]).toEqual([[at, "Is bad."]]);
});

test("other fields have no place", () => {
  expect(refusedFields(refusal("saved.name")).size).toBe(0);
  expect(refusedFields(refusal("enrichment.other")).size).toBe(0);
  expect(refusedFields(null).size).toBe(0);
});

test("an address of the own network is a problem of the address", () => {
  const found = refusedFields(reason("ADDRESS_REFUSED", Code.InvalidArgument));
  expect(found.get("url")).toContain("own network");
});

test("the reason of an API that fails is shown", () => {
  expect(previewProblem(reason("API_FAILED", Code.FailedPrecondition))).toContain("404");
  expect(previewProblem(new ConnectError("", Code.DeadlineExceeded))).toContain("in time");
});

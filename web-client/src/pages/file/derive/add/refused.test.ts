import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { refusedAt } from "./refused.ts";

function refusal(field: string, rule: string): ConnectError {
  const error = new ConnectError(`${field}: ${rule}`, Code.InvalidArgument);
  const violation = new BinaryWriter().tag(1, 2).string(field).tag(2, 2).string(rule).finish();
  const value = new BinaryWriter().tag(1, 2).bytes(violation).finish();
  error.details = [{ type: "google.rpc.BadRequest", value }];
  return error;
}

test("a refused formula has its row and its place", () => {
  const error = refusal("add.columns[2].formula", "at character 9: a number is missing");
  expect(refusedAt(error)).toEqual({
    row: 2,
    field: "formula",
    at: 8,
    text: "At character 9: a number is missing.",
  });
});

test("a refused name has no place", () => {
  const found = refusedAt(refusal("add.columns[0].name", "is that of another column"));
  expect(found).toMatchObject({ row: 0, field: "name", at: undefined });
});

test("other errors are about no column", () => {
  expect(refusedAt(null)).toBeUndefined();
  expect(refusedAt(refusal("saved.name", "is too long"))).toBeUndefined();
  expect(refusedAt(new ConnectError("", Code.NotFound))).toBeUndefined();
});

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { refusedAggregate } from "./refused.ts";

function refusal(field: string): ConnectError {
  const error = new ConnectError(field, Code.InvalidArgument);
  const violation = new BinaryWriter().tag(1, 2).string(field).tag(2, 2).string("is bad").finish();
  const value = new BinaryWriter().tag(1, 2).bytes(violation).finish();
  error.details = [{ type: "google.rpc.BadRequest", value }];
  return error;
}

test("a refused aggregate has its row and its field", () => {
  const found = (field: string) => refusedAggregate(refusal(field));
  expect(found("group.aggregates[2].column")).toEqual({ row: 2, field: "column", text: "Is bad." });
  expect(found("group.aggregates[0].column.at")?.field).toBe("column");
  expect(found("group.aggregates[0].name")?.field).toBe("name");
  expect(found("group.by[0]")).toBeUndefined();
  expect(found("saved.name")).toBeUndefined();
  expect(refusedAggregate(null)).toBeUndefined();
});

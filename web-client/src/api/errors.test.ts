import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { doneBefore, errorText, fieldError, refusalText } from "./errors.ts";
import { reasonOf } from "./reasons.ts";

function message(...fields: [number, string | Uint8Array][]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    writer.tag(number, 2);
    if (typeof value === "string") writer.string(value);
    else writer.bytes(value);
  }
  return writer.finish();
}

function failed(code: Code, text: string, ...details: [string, Uint8Array][]): ConnectError {
  const error = new ConnectError(text, code);
  error.details = details.map(([type, value]) => ({ type, value }) as never);
  return error;
}

function info(name: string, ...facts: [string, string][]): [string, Uint8Array] {
  const entries = facts.map(([key, value]): [number, Uint8Array] => [
    3,
    message([1, key], [2, value]),
  ]);
  return ["google.rpc.ErrorInfo", message([1, name], [2, "gridloom"], ...entries)];
}

function violation(field: string, rule: string): [string, Uint8Array] {
  return ["google.rpc.BadRequest", message([1, message([1, field], [2, rule])])];
}

test("a reason and its facts are read", () => {
  const { name, facts } = reasonOf(
    failed(Code.InvalidArgument, "line 7: bad", info("CSV_OPEN_QUOTE", ["line", "7"])),
  );
  expect(name).toBe("CSV_OPEN_QUOTE");
  expect(facts.get("line")).toBe("7");
});

test("an error with malformed details gets the sentence of its code", () => {
  const broken = failed(Code.NotFound, "x", ["google.rpc.ErrorInfo", Uint8Array.of(10, 200)]);
  expect(reasonOf(broken).name).toBe("");
  expect(errorText(broken)).toBe("This no longer exists, or you don't have access to it.");
});

test("no message contains a name of the protocol", () => {
  const errors = [
    failed(Code.NotFound, "no such sheet; ListSheets shows those", info("SHEET_NOT_FOUND")),
    failed(Code.InvalidArgument, "Hello.sheet_id: x", violation("Hello.sheet_id", "is no id")),
    failed(Code.InvalidArgument, "name: x", violation("name", "has more than 200 characters")),
    failed(Code.InvalidArgument, "a.b_c: x", violation("a.b_c", "is too large")),
    failed(Code.Internal, "undefined_thing in request_id", info("SOMETHING_NEWER")),
  ];
  expect(errors.map(errorText)).toEqual([
    "This sheet doesn't exist, or you don't have access to it.",
    "This link isn't valid.",
    "The name has more than 200 characters.",
    "This is too large.",
    "Something went wrong. Try again.",
  ]);
});

test("an error about a field has its message there, and no other error has", () => {
  const weak = failed(Code.InvalidArgument, "x", violation("new_password", "has 3 characters"));
  expect(fieldError(weak, "new_password")).toBe("The password has 3 characters.");
  expect(fieldError(weak, "token")).toBeUndefined();
  expect(fieldError(failed(Code.Unavailable, "x"), "token")).toBeUndefined();
  expect(fieldError(null, "token")).toBeUndefined();
});

test("the message on a refused edit has no field path", () => {
  expect(refusalText("edit.delta.cells[3].value: is larger than 65536 bytes")).toBe(
    "Is larger than 65536 bytes.",
  );
  expect(refusalText("you may read this sheet, not change it")).toBe(
    "You may read this sheet, not change it.",
  );
});

test("an account that waits for its confirmation reads where the link is", () => {
  const error = failed(Code.FailedPrecondition, "x", info("EMAIL_UNCONFIRMED"));
  expect(errorText(error)).toContain("ask its operator");
});

test("a refusal in the middle says what was done before it", () => {
  const refused = (...facts: [string, string][]) =>
    doneBefore(failed(Code.FailedPrecondition, "x", info("RECIPIENT_FULL", ...facts)));
  expect(refused()).toBe("");
  expect(refused(["given", "1"])).toBe("1 sheet is given already. ");
  expect(refused(["given", "3"])).toBe("3 sheets are given already. ");
});

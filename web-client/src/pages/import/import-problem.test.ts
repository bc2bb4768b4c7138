import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { NOTHING_CHOSEN } from "./how.ts";
import { importProblem } from "./import-problem.ts";

function message(...fields: [number, string | Uint8Array][]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    writer.tag(number, 2);
    if (typeof value === "string") writer.string(value);
    else writer.bytes(value);
  }
  return writer.finish();
}

/** A problem of a file, with these facts; without a name, a ragged row. */
function ragged(facts: Readonly<Record<string, string>>, name = "CSV_RAGGED_ROW"): ConnectError {
  const entries = Object.entries(facts).map(([key, value]): [number, Uint8Array] => [
    3,
    message([1, key], [2, value]),
  ]);
  const error = new ConnectError("ragged", Code.InvalidArgument);
  const info = message([1, name], [2, "gridloom"], ...entries);
  error.details = [{ type: "google.rpc.ErrorInfo", value: info } as never];
  return error;
}

test("a ragged row names the delimiter that divides the lines below the first one", () => {
  const facts = { line: "2", fields: "1", expected: "2" };
  const plain = importProblem(ragged(facts), NOTHING_CHOSEN);
  expect(plain.text).toBe("Line 2 has 1 value, the first line has 2.");
  expect(plain.remedy?.label).toBe("Fill with empty cells");

  const other = importProblem(ragged({ ...facts, other_delimiter: "59" }), NOTHING_CHOSEN);
  expect(other.text).toContain("A semicolon divides most lines below the first one");
  expect(other.remedy?.label).toBe("Divide at each semicolon");
  expect(other.remedy?.apply(NOTHING_CHOSEN).delimiter).toBe(";");
});

test("what reads the file in another way only chooses, and drops the kinds of columns", () => {
  const chosen = { ...NOTHING_CHOSEN, kinds: new Map([[1, ColumnKind.TEXT]]) };
  const facts = { line: "2", fields: "1", expected: "2" };
  const remedies = [
    importProblem(ragged({ ...facts, other_delimiter: "59" }), chosen),
    importProblem(ragged({ line: "2" }, "CSV_NOT_UTF8"), chosen),
    importProblem(ragged({}, "CSV_UTF16"), chosen),
    importProblem(ragged(facts), chosen),
  ].map(({ remedy }) => [remedy?.isShown, remedy?.apply(chosen).kinds.size]);
  expect(remedies).toEqual([
    [true, 0],
    [true, 0],
    [true, 0],
    [false, 1],
  ]);
});

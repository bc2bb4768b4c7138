// What a conversion does, as sentences.
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  ConversionExampleSchema,
  ConvertColumnResponseSchema,
} from "../../../gen/gridloom/v1/conversion_pb.ts";
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import {
  exampleText,
  further,
  isTrivial,
  keptTitle,
  rewrittenTitle,
  stoppedText,
  summary,
} from "./report.ts";

function report(converted: bigint, fitting: bigint, kept: bigint, more = {}) {
  return create(ConvertColumnResponseSchema, { converted, fitting, kept, ...more });
}

test("each number has its sentence", () => {
  expect(summary(report(1204n, 0n, 3n), ColumnKind.NUMBER, false)).toBe(
    "1,204 values become numbers. 3 values stay as they are, with a mark.",
  );
  expect(summary(report(1n, 1n, 1n), ColumnKind.DATE, true)).toBe(
    "1 value became a date. 1 value fits already. 1 value stays as it is, with a mark.",
  );
  expect(summary(report(1n, 0n, 0n), ColumnKind.EMAIL, false)).toBe(
    "1 value becomes an e-mail address.",
  );
  expect(summary(report(0n, 0n, 0n), ColumnKind.TEXT, false)).toBe("The column has no values.");
  const changed = report(0n, 0n, 0n, { edits: 1, stopped: "the column was deleted" });
  expect(summary(changed, ColumnKind.TEXT, true)).toBe("The column has the new kind.");
});

test("a report without a value to decide about is trivial, but not one that has stopped", () => {
  expect(isTrivial(report(0n, 5n, 0n))).toBe(true);
  expect(isTrivial(report(0n, 5n, 1n))).toBe(false);
  const stopped = report(0n, 5n, 0n, { stopped: "the column was deleted" });
  expect(isTrivial(stopped)).toBe(false);
  expect(stoppedText(stopped)).toBe("The column was deleted.");
  expect(stoppedText(report(0n, 5n, 0n))).toBeUndefined();
});

test("an example names its row, and lists say what they leave out", () => {
  const kept = { row: 2, text: "n/a", reason: "expected a number" };
  expect(exampleText(create(ConversionExampleSchema, kept))).toBe(
    "Row 3: “n/a”: expected a number",
  );
  const rewritten = { row: 0, text: "007", becomes: "7" };
  expect(exampleText(create(ConversionExampleSchema, rewritten))).toBe("Row 1: “007” becomes “7”");
  expect(rewrittenTitle(1n)).toBe("One value is written in another way then:");
  expect(rewrittenTitle(1200n)).toBe("1,200 values are written in another way then:");
  expect(keptTitle(1n)).toBe("This value stays as it is:");
  expect(keptTitle(2n)).toBe("These values stay as they are:");
  expect(further(25n, 20)).toBe("and 5 more");
  expect(further(20n, 20)).toBeUndefined();
});

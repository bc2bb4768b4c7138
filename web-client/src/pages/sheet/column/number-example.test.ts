// The example of a number follows the draft, and is missing while the form breaks a rule.
import { create } from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../../tests/opened.ts";
import { ColumnKind, ColumnSchema } from "../../../gen/gridloom/v1/values_pb.ts";
import { draftOf } from "./draft.ts";
import { exampleOf } from "./number-example.ts";
import { entriesOf } from "./options.ts";

beforeAll(loadEngine);

const draft = draftOf(create(ColumnSchema, { kind: ColumnKind.NUMBER }));
const money = (currency: string) => ({ ...draft, unit: "currency" as const, currency });

test("a symbol that no rule allows has no example", () => {
  expect(exampleOf(money("€"), 7)?.shown).toContain("€");
  for (const currency of ["", "kr.", "Fr.", "1", "a,b"])
    expect(exampleOf(money(currency), 7), currency).toBeUndefined();
  expect(exampleOf({ ...draft, decimals: "21" }, 7)).toBeUndefined();
});

test("options that are not shown have no effect on the example", () => {
  const options = entriesOf(["a", "a", "é".repeat(129)]);
  expect(exampleOf({ ...money("€"), options }, 7)?.exact).toBe("7");
});

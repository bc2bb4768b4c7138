import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AggregateFunction } from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { TableColumnSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import {
  aggregateProblem,
  endOf,
  FIRST_GROUPS,
  type GroupDraft,
  groupOf,
  groupText,
  isLacking,
  nextAggregate,
} from "./draft.ts";

const COLUMNS = ["state", "population", ""].map((name) => create(TableColumnSchema, { name }));
const SUM = { ...nextAggregate(FIRST_GROUPS.aggregates, AggregateFunction.SUM), column: 1 };
const DRAFT: GroupDraft = { by: [0, 2], aggregates: [...FIRST_GROUPS.aggregates, SUM] };

test("the request has positions, and a column only where the function needs one", () => {
  expect(groupOf(DRAFT)).toEqual({
    by: [{ column: { case: "at", value: 0 } }, { column: { case: "at", value: 2 } }],
    aggregates: [
      { function: AggregateFunction.ROWS, name: "" },
      {
        function: AggregateFunction.SUM,
        name: "",
        column: { column: { case: "at", value: 1 } },
      },
    ],
  });
  const rows = { ...SUM, function: AggregateFunction.ROWS };
  expect(groupOf({ by: [], aggregates: [rows] }).aggregates?.[0]).not.toHaveProperty("column");
});

test("an aggregate needs a column, and a name of its own", () => {
  const none = { ...SUM, column: undefined };
  expect(aggregateProblem(none, [none]).column).toContain("column");
  expect(isLacking({ by: [], aggregates: [none] })).toBe(true);
  expect(isLacking(DRAFT)).toBe(false);
  const [one, other] = [
    { ...SUM, id: 1, name: "n" },
    { ...SUM, id: 2, name: " n" },
  ];
  expect(aggregateProblem(one, [one, other]).name).toContain("Another column");
});

test("the groups are a sentence, and the end of a name", () => {
  expect(groupText(DRAFT, COLUMNS)).toBe("One row for each state and C: rows, sum of population.");
  expect(groupText(FIRST_GROUPS, COLUMNS)).toBe("One row for all rows: rows.");
  expect(endOf(DRAFT, COLUMNS)).toBe("by state and C");
});

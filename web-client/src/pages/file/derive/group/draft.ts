// The groups of rows as a person chooses them: the columns that they are by, and what is computed of each group.
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  AggregateFunction,
  type GroupRowsSchema,
} from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { type Columns, columnAt, titleOf } from "../made/columns.ts";

export interface AggregateDraft {
  /** Of the row of the dialog; never reused. */
  id: number;
  function: AggregateFunction;
  /** The position of the column; undefined: none is chosen, or the function needs none. */
  column: number | undefined;
  /** Empty: the server makes one. */
  name: string;
}

export interface GroupDraft {
  by: readonly number[];
  aggregates: readonly AggregateDraft[];
}

export const MOST_BY = 8;
export const MOST_AGGREGATES = 64;
const NAME_LONGEST = 200;

/** The functions with the words of the menu, and those of the name that the server makes. */
export const FUNCTIONS = [
  { value: AggregateFunction.ROWS, label: "Number of rows", words: "rows" },
  { value: AggregateFunction.VALUES, label: "Number of values", words: "values of" },
  {
    value: AggregateFunction.DISTINCT,
    label: "Number of different values",
    words: "distinct values of",
  },
  { value: AggregateFunction.SUM, label: "Sum", words: "sum of" },
  { value: AggregateFunction.MEAN, label: "Mean", words: "mean of" },
  { value: AggregateFunction.LEAST, label: "Least value", words: "least" },
  { value: AggregateFunction.GREATEST, label: "Greatest value", words: "greatest" },
] as const;

export function needsColumn({ function: chosen }: AggregateDraft): boolean {
  return chosen !== AggregateFunction.ROWS;
}

export function nextAggregate(
  all: readonly AggregateDraft[],
  chosen: AggregateFunction,
): AggregateDraft {
  const id = Math.max(0, ...all.map(({ id }) => id)) + 1;
  return { id, function: chosen, column: undefined, name: "" };
}

export const FIRST_GROUPS: GroupDraft = {
  by: [],
  aggregates: [nextAggregate([], AggregateFunction.ROWS)],
};

/** What an aggregate is called in a sentence, such as `sum of price`. */
export function wordsOf(aggregate: AggregateDraft, columns: Columns): string {
  const words = FUNCTIONS.find(({ value }) => value === aggregate.function)?.words ?? "";
  const { column } = aggregate;
  if (!needsColumn(aggregate)) return words;
  return `${words} ${column === undefined ? "…" : titleOf(columns, column)}`;
}

export type AggregateProblem = Partial<Record<"column" | "name", string>>;

export function aggregateProblem(
  aggregate: AggregateDraft,
  all: readonly AggregateDraft[],
): AggregateProblem {
  const found: AggregateProblem = {};
  if (needsColumn(aggregate) && aggregate.column === undefined) found.column = "Choose a column.";
  const name = aggregate.name.trim();
  const isOther = ({ id, name: other }: AggregateDraft) =>
    id !== aggregate.id && other.trim() === name;
  if ([...name].length > NAME_LONGEST) found.name = `Use at most ${NAME_LONGEST} characters.`;
  else if (name !== "" && all.some(isOther)) found.name = "Another column has this name.";
  return found;
}

export function isLacking({ aggregates }: GroupDraft): boolean {
  return aggregates.some((one) => Object.keys(aggregateProblem(one, aggregates)).length > 0);
}

export function groupOf({ by, aggregates }: GroupDraft): MessageInitShape<typeof GroupRowsSchema> {
  return {
    by: by.map(columnAt),
    aggregates: aggregates.map((one) => ({
      function: one.function,
      name: one.name.trim(),
      ...(needsColumn(one) && one.column !== undefined ? { column: columnAt(one.column) } : {}),
    })),
  };
}

/** What the file has, as a sentence. */
export function groupText({ by, aggregates }: GroupDraft, columns: Columns): string {
  const each =
    by.length === 0
      ? "One row for all rows"
      : `One row for each ${by.map((at) => titleOf(columns, at)).join(" and ")}`;
  return `${each}: ${aggregates.map((one) => one.name.trim() || wordsOf(one, columns)).join(", ")}.`;
}

/** The end of the name that is offered for the file. */
export function endOf({ by }: GroupDraft, columns: Columns): string {
  return by.length === 0 ? "in all" : `by ${by.map((at) => titleOf(columns, at)).join(" and ")}`;
}

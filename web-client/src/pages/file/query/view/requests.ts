// The query of a table as the server takes it.
//
// Invariant: equal queries of a table give equal requests, so that the server finds the view that is there.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CellValue } from "../../../../cells/values.ts";
import type { ColumnRefSchema } from "../../../../gen/gridloom/v1/commands_pb.ts";
import {
  Condition_Operator,
  type RowFilterSchema,
  type RowOrderSchema,
} from "../../../../gen/gridloom/v1/queries_pb.ts";
import type { MakeViewRequestSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import type { ValueSchema } from "../../../../gen/gridloom/v1/values_pb.ts";
import type { Condition, Query, Test } from "../query.ts";

type Filter = MessageInitShape<typeof RowFilterSchema>;

const OPERATORS: Readonly<Record<Test, Condition_Operator>> = {
  is: Condition_Operator.EQUAL,
  not: Condition_Operator.NOT_EQUAL,
  contains: Condition_Operator.CONTAINS,
  starts: Condition_Operator.STARTS_WITH,
  less: Condition_Operator.LESS,
  most: Condition_Operator.LESS_OR_EQUAL,
  greater: Condition_Operator.GREATER,
  least: Condition_Operator.GREATER_OR_EQUAL,
  empty: Condition_Operator.IS_EMPTY,
  filled: Condition_Operator.IS_NOT_EMPTY,
  in: Condition_Operator.IN,
};

export function columnRef(col: number): MessageInitShape<typeof ColumnRefSchema> {
  return { column: { case: "at", value: col } };
}

export function wireValue(value: CellValue): MessageInitShape<typeof ValueSchema> {
  if (value === null) return {};
  if (typeof value === "boolean") return { kind: { case: "bool", value } };
  if (typeof value === "number") return { kind: { case: "number", value } };
  if (typeof value === "string") return { kind: { case: "text", value } };
  if (typeof value === "bigint") return { kind: { case: "datetimeMicros", value } };
  return "days" in value
    ? { kind: { case: "dateDays", value: value.days } }
    : { kind: { case: "localDatetimeMicros", value: value.micros } };
}

function conditionOf({ col, test, values, isExact }: Condition): Filter {
  const hasText = values.some((value) => typeof value === "string");
  const value = {
    column: columnRef(col),
    operator: OPERATORS[test],
    values: values.map(wireValue),
    ignoreCase: hasText && !isExact,
  };
  return { filter: { case: "condition", value } };
}

/** Undefined without a condition: all rows. */
export function filterOf(conditions: readonly Condition[]): Filter | undefined {
  if (conditions.length === 0) return undefined;
  return { filter: { case: "all", value: { filters: conditions.map(conditionOf) } } };
}

function orderOf({ order }: Query): MessageInitShape<typeof RowOrderSchema>[] {
  return order.map(({ col, descending }) => ({ column: columnRef(col), descending }));
}

export function viewRequest(
  fileId: string,
  table: { number: number; etag: string },
  query: Query,
): MessageInitShape<typeof MakeViewRequestSchema> {
  const filter = filterOf(query.conditions);
  return {
    fileId,
    table: table.number,
    ...(filter && { filter }),
    orderBy: orderOf(query),
    etag: table.etag,
  };
}

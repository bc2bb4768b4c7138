// Loads the rows of a page again after a refusal which shows that they are gone: the tables of the file, and their view.
import { createConnectQueryKey } from "@connectrpc/connect-query";
import { queries } from "../../../../api/queries.ts";
import { reasonOf } from "../../../../api/reasons.ts";
import { TableService } from "../../../../gen/gridloom/v1/tables_pb.ts";

const { listTables, makeView } = TableService.method;
const ROWS = [
  createConnectQueryKey({ schema: listTables, cardinality: "finite" }),
  createConnectQueryKey({ schema: makeView, cardinality: "finite" }),
];

export function renewRows(error: unknown): void {
  const { name } = reasonOf(error);
  if (name !== "VIEW_GONE" && name !== "TABLE_CHANGED") return;
  for (const queryKey of ROWS) void queries.invalidateQueries({ queryKey });
}

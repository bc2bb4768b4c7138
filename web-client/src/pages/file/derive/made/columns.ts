// The columns of a table as choices.
import { columnLetters } from "../../../../cells/column-names.ts";
import type { TableColumn } from "../../../../gen/gridloom/v1/tables_pb.ts";

export type Columns = readonly TableColumn[];

export interface ColumnOption {
  /** The position of the column, as values of a choice are texts. */
  value: string;
  label: string;
}

/** The name of a column, or its letters where it has none. */
export function titleOf(columns: Columns, at: number): string {
  return columns[at]?.name || columnLetters(at);
}

export function columnOptions(columns: Columns): readonly ColumnOption[] {
  return columns.map((_, at) => ({ value: String(at), label: titleOf(columns, at) }));
}

/** The reference to a column of a request, by its position: a name need not be unique. */
export function columnAt(value: number) {
  return { column: { case: "at" as const, value } };
}

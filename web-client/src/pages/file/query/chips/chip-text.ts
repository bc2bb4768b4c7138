// Conditions and levels of an order as short texts: "state is TX", "by city, A to Z".
import { columnLetters } from "../../../../cells/column-names.ts";
import { type CellValue, formatValue } from "../../../../cells/values.ts";
import type { TableColumn } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import type { Condition, Level } from "../query.ts";
import { type Choice, direction, wordsOf } from "../words.ts";

/** Characters of a value that are shown. */
const SHOWN_CHARACTERS = 60;
/** Values of a list that are shown. */
const SHOWN_VALUES = 3;

export type Columns = readonly Pick<TableColumn, "name" | "kind">[];

export function titleOf(columns: Columns, col: number): string {
  return columns[col]?.name || columnLetters(col);
}

export function kindOf(columns: Columns, col: number): ColumnKind {
  return columns[col]?.kind ?? ColumnKind.ANY;
}

/** A value in one line, as it looks in its column. */
export function valueText(value: CellValue, kind: ColumnKind, decimal: string): string {
  const text = formatValue(value, kind, decimal).replace(/\s+/g, " ");
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function listText(texts: readonly string[]): string {
  const rest = texts.length - SHOWN_VALUES;
  const shown = texts.slice(0, SHOWN_VALUES).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** A checkbox has words of its own. */
function boxChoice({ test, values }: Condition, kind: ColumnKind): Choice | undefined {
  const [value] = values;
  if (kind !== ColumnKind.BOOL || typeof value !== "boolean" || test !== "is") return undefined;
  return value ? "checked" : "unchecked";
}

export function conditionText(condition: Condition, columns: Columns, decimal: string): string {
  const { col, test, values } = condition;
  const kind = kindOf(columns, col);
  const box = boxChoice(condition, kind);
  const texts = box === undefined ? values.map((value) => valueText(value, kind, decimal)) : [];
  const words = [titleOf(columns, col), wordsOf(box ?? test, kind), listText(texts)];
  return words.filter((word) => word !== "").join(" ");
}

/** `at`: 0 for the most important level. */
export function levelText({ col, descending }: Level, at: number, columns: Columns): string {
  const begin = at === 0 ? "by" : "then by";
  return `${begin} ${titleOf(columns, col)}, ${direction(kindOf(columns, col), descending)}`;
}

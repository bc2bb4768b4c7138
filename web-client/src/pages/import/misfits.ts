// Which values of a preview do not fit the kind of their column, and why.
//
// What it is not: rules of its own. The engine has them, and until it is loaded no value is marked.
import { create } from "@bufbuild/protobuf";
import { plainValue } from "../../cells/values.ts";
import {
  type Column,
  ColumnKind,
  ColumnSettingsSchema,
  type Value,
} from "../../gen/gridloom/v1/values_pb.ts";
import { Texts } from "../../live/engine/texts.ts";

/** The texts of a column that refuses what does not fit its kind: it says why. Undefined where all fits. */
export function refusing({ kind }: Pick<Column, "kind">): Texts | undefined {
  if (kind <= ColumnKind.ANY) return undefined;
  try {
    return Texts.of(kind, create(ColumnSettingsSchema, { refuse: true }));
  } catch {
    return undefined;
  }
}

/** By row and column; undefined for a value that fits. */
export function misfitsOf(
  columns: readonly Column[],
  rows: readonly { values: readonly Value[] }[],
): (string | undefined)[][] {
  const texts = columns.map(refusing);
  const found = rows.map(({ values }) =>
    texts.map((column, col) => column?.refusal(plainValue(values[col]))),
  );
  for (const column of texts) column?.free();
  return found;
}

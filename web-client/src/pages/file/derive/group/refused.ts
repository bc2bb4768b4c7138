// Which value of the groups a refusal is about.
import { refusedField } from "../made/refused-field.ts";

export interface RefusedAggregate {
  /** The number of the aggregate in the request. */
  row: number;
  field: "column" | "name";
  /** The rule, as a sentence. */
  text: string;
}

const FIELD = /^aggregates\[(\d+)\](?:\.(column|name))?/;

/** Undefined for an error that is about no aggregate with this field. */
export function refusedAggregate(error: unknown): RefusedAggregate | undefined {
  const refused = refusedField(error, "group");
  const found = refused === undefined ? null : FIELD.exec(refused.field);
  if (refused === undefined || found === null) return undefined;
  const field = found[2] === "column" ? "column" : "name";
  return { row: Number(found[1]), field, text: refused.text };
}

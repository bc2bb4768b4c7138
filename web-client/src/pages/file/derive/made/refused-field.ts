// The field of an operation that a refusal is about, for the dialogs which show it there.
import { refusalText } from "../../../../api/errors.ts";
import { reasonOf } from "../../../../api/reasons.ts";

export interface RefusedField {
  /** The path below that of the operation, such as `aggregates[0].column`. */
  field: string;
  /** The rule, as a sentence. */
  text: string;
}

/** `operation`: the beginning of the path, such as `group`. Undefined for an error that is about another field, or none. */
export function refusedField(error: unknown, operation: string): RefusedField | undefined {
  if (error === null || error === undefined) return undefined;
  const { violation } = reasonOf(error);
  if (violation === undefined || !violation.field.startsWith(`${operation}.`)) return undefined;
  const field = violation.field.slice(operation.length + 1);
  return { field, text: refusalText(violation.rule) };
}

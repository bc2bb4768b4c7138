// Which field of which row a refusal of computed columns is about, and where in its formula.
//
// Invariant: a position is one of the text as it was sent, in characters.
import { refusalText } from "../../../../api/errors.ts";
import { reasonOf } from "../../../../api/reasons.ts";

export interface Refused {
  /** The number of the computed column in the request. */
  row: number;
  field: "name" | "formula";
  /** The number of the character, from 0; undefined: the whole is meant. */
  at: number | undefined;
  /** The rule, as a sentence. */
  text: string;
}

const FIELD = /^(?:add\.)?columns\[(\d+)\](?:\.(name|formula))?$/;
/** The server counts characters from 1. */
const POSITION = /\bcharacter (\d+)/i;

/** Undefined for an error that is about no computed column. */
export function refusedAt(error: unknown): Refused | undefined {
  if (error === null || error === undefined) return undefined;
  const { violation } = reasonOf(error);
  if (violation === undefined) return undefined;
  const found = FIELD.exec(violation.field);
  if (found === null) return undefined;
  const [, row = "0", field = "formula"] = found;
  const at = POSITION.exec(violation.rule)?.[1];
  return {
    row: Number(row),
    field: field === "name" ? "name" : "formula",
    at: at === undefined ? undefined : Math.max(0, Number(at) - 1),
    text: refusalText(violation.rule),
  };
}

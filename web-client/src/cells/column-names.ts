// The names of columns as a person reads them.
import type { Column } from "../gen/gridloom/v1/values_pb.ts";

/** A, B, ... Z, AA, AB, ... */
export function columnLetters(index: number): string {
  const rest = Math.floor(index / 26) - 1;
  const letter = String.fromCharCode(65 + (index % 26));
  return rest < 0 ? letter : columnLetters(rest) + letter;
}

/** The column's own name, or its letters when it has none. */
export function columnTitle(column: Column | undefined, index: number): string {
  return column === undefined || column.name === "" ? columnLetters(index) : column.name;
}

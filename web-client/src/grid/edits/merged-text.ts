// Which texts are merged letter by letter with the edits of others, and which are replaced as a whole.
import type { CellValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";

/** Kinds whose texts are one word: letters of two options, or of two addresses, would be neither of them. */
const WHOLE: readonly ColumnKind[] = [ColumnKind.CHOICE, ColumnKind.LINK, ColumnKind.EMAIL];

/** The text of an opened cell that is merged with the edits of others; undefined for a value that is replaced. */
export function mergedText(value: CellValue, kind: ColumnKind): string | undefined {
  return typeof value === "string" && !WHOLE.includes(kind) ? value : undefined;
}

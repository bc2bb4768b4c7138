// How the text of a cell is merged with the edits of others: letter by letter, option by option, or not at all.
import type { CellValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { joinOptions, splitOptions } from "../../live/engine/forms.ts";

/** Kinds whose texts are one word: letters of two options, or of two addresses, would be neither of them. */
const WHOLE: readonly ColumnKind[] = [ColumnKind.CHOICE, ColumnKind.LINK, ColumnKind.EMAIL];

/** The text of an opened cell that is merged with the edits of others; undefined for a value that is replaced. */
export function mergedText(value: CellValue, kind: ColumnKind): string | undefined {
  return typeof value === "string" && !WHOLE.includes(kind) ? value : undefined;
}

/** The options of a text, each once; undefined for a text of another form. */
function itemsOf(text: string): string[] | undefined {
  const items = splitOptions(text)?.filter((item) => item !== "");
  return items && [...new Set(items)];
}

/** The options of a cell after the edit of one person. */
export interface MergedOptions {
  /** Those that stay. */
  left: string;
  /** Those that stay, and behind them the new ones. */
  text: string;
}

/**
 * Applies what a person has added to the options of `from` and removed from them, in `to`, to those that the cell has
 * meanwhile. Undefined where one of the texts is no list.
 */
export function mergedOptions(
  from: string,
  to: string,
  present: string,
): MergedOptions | undefined {
  const [base, mine, now] = [itemsOf(from), itemsOf(to), itemsOf(present)];
  if (base === undefined || mine === undefined || now === undefined) return undefined;
  const left = now.filter((item) => mine.includes(item) || !base.includes(item));
  const fresh = mine.filter((item) => !base.includes(item) && !left.includes(item));
  return { left: joinOptions(left), text: joinOptions([...left, ...fresh]) };
}

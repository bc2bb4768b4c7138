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

/** Stands before an option while the one before it is removed: a noncharacter, which no person types. */
const MARK = "\u{fdd0}";
const BETWEEN = ", ";

/**
 * The texts between `present` and `left`, with `left` at the end: from each to the next, one whole option is removed with the
 * comma beside it. The mark leaves one way alone to find what was removed, also where two options begin with the same letters.
 * Undefined where that is not possible, as for a text that has another form.
 */
export function removalSteps(present: string, left: string): string[] | undefined {
  const kept = new Set(splitOptions(left)?.map((item) => joinOptions([item])));
  const items = (splitOptions(present) ?? []).map((item) => joinOptions([item]));
  if (left === "" || present.includes(MARK) || items.join(BETWEEN) !== present) return undefined;
  const steps: string[] = [];
  for (const gone of items.filter((item) => !kept.has(item))) {
    const at = items.indexOf(gone);
    items.splice(at, 1);
    const before = items.slice(0, at).map((item) => item + BETWEEN);
    const start = before.join("");
    const end = MARK + items.slice(at).join(BETWEEN);
    if (at < items.length) steps.push(start + gone + BETWEEN + end, start + end);
    steps.push(items.join(BETWEEN));
  }
  return items.join(BETWEEN) === left ? steps : undefined;
}

// The options of a column while a person edits them.
//
// Invariant: each entry keeps its identity over renames and moves, and knows the option that it was.
import { plural } from "../../../base/text.ts";
import { foldText } from "../../../live/engine/forms.ts";

/** Options of one column, and bytes of one: the limits of the server. */
export const MOST_OPTIONS = 500;
export const OPTION_BYTES = 256;

export interface OptionEntry {
  id: number;
  text: string;
  /** The option of the column that this one renames; undefined for a new one. */
  was: string | undefined;
}

const encoder = new TextEncoder();
let lastId = 0;

/** Bytes of an option. */
export function optionBytes(text: string): number {
  return encoder.encode(text).length;
}

function newEntry(text: string, was?: string): OptionEntry {
  return { id: ++lastId, text, was };
}

export function entriesOf(options: readonly string[]): OptionEntry[] {
  return options.map((option) => newEntry(option, option));
}

/** The lines of a text, each without space at its ends; empty ones are left out. */
export function linesOf(text: string): string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Adds options behind the others; those that are there already are left out. */
export function added(entries: readonly OptionEntry[], texts: readonly string[]): OptionEntry[] {
  const known = new Set(entries.map(({ text }) => text.trim()));
  const fresh = texts.filter((text) => !known.has(text) && known.add(text));
  return [...entries, ...fresh.map((text) => newEntry(text))];
}

/** The texts of cells that are no options yet, each in the form that comes first. */
export function foundTexts(entries: readonly OptionEntry[], texts: Iterable<string>): string[] {
  const known = new Set(entries.map(({ text }) => foldText(text.trim())));
  const fresh = [...texts].filter((text) => {
    const folded = foldText(text.trim());
    return !known.has(folded) && known.add(folded);
  });
  return fresh.slice(0, MOST_OPTIONS);
}

/** Replaces the text of one entry by the first of several lines, and adds the others behind it. */
export function pasted(
  entries: readonly OptionEntry[],
  id: number,
  [first, ...others]: readonly string[],
): OptionEntry[] {
  return entries.flatMap((entry) =>
    entry.id === id
      ? [{ ...entry, text: first ?? "" }, ...others.map((text) => newEntry(text))]
      : [entry],
  );
}

/** Moves an entry by one step; at the end of the list it stays. */
export function moved(entries: readonly OptionEntry[], id: number, step: -1 | 1): OptionEntry[] {
  const from = entries.findIndex((entry) => entry.id === id);
  const entry = entries[from];
  const to = from + step;
  if (entry === undefined || to < 0 || to >= entries.length) return [...entries];
  const others = entries.filter((other) => other !== entry);
  return [...others.slice(0, to), entry, ...others.slice(to)];
}

/** The options that are stored: without space at their ends, and without empty ones. */
export function optionsOf(entries: readonly OptionEntry[]): string[] {
  return entries.map(({ text }) => text.trim()).filter((text) => text !== "");
}

/** What is wrong with an entry; undefined when it can be stored. */
export function entryProblem(
  entry: OptionEntry,
  entries: readonly OptionEntry[],
): string | undefined {
  const text = entry.text.trim();
  const bytes = optionBytes(text);
  if (bytes > OPTION_BYTES) return `At most ${OPTION_BYTES} bytes; this option has ${bytes}.`;
  const first = entries.find((other) => other.text.trim() === text);
  return text !== "" && first !== entry ? "This option is in the list already." : undefined;
}

/** What is wrong with the whole list. */
export function listProblem(entries: readonly OptionEntry[]): string | undefined {
  const { length } = optionsOf(entries);
  if (length === 0) return "Add at least one option.";
  if (length > MOST_OPTIONS) return `At most ${MOST_OPTIONS} options; these are ${length}.`;
  return undefined;
}

/** The options of the column that are no more, each with the number of loaded cells that have it. */
export function lostOptions(
  before: readonly string[],
  entries: readonly OptionEntry[],
  uses: ReadonlyMap<string, number>,
): [option: string, cells: number][] {
  const left = new Set(optionsOf(entries));
  return before.filter((option) => !left.has(option)).map((lost) => [lost, uses.get(lost) ?? 0]);
}

const NAMED = 3;

/** What becomes of the cells that have an option which is no more; undefined when no loaded cell has one. */
export function lossText(lost: readonly [option: string, cells: number][]): string | undefined {
  const used = lost.filter(([, cells]) => cells > 0);
  if (used.length === 0) return undefined;
  const named = used.slice(0, NAMED).map(([option]) => `“${option}”`);
  const more = used.length - named.length;
  const cells = used.reduce((sum, [, count]) => sum + count, 0);
  const names = more > 0 ? [...named, `${more} more`] : named;
  const [keep, they] = cells === 1 ? ["keeps", "is"] : ["keep", "are"];
  return `${plural(cells, "loaded cell")} ${keep} the old text of ${names.join(", ")} and ${they} marked.`;
}

// The options that a person chooses from in a cell: which of them match the typed text, and what a choice makes of it.
//
// Invariant: the text of several options is the one that the engine writes.

import { joinOptions, splitOptions } from "../../live/engine/forms.ts";

/** A text without letter case and accents, for finding. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** How well an option matches a text, from 0; undefined when it does not. `wanted` is the plain form of the text. */
function rankOf(option: string, text: string, wanted: string): number | undefined {
  if (option === text) return 0;
  const known = plain(option);
  if (known === wanted) return 1;
  // A text of accents alone has no plain form.
  if (wanted === "" || !known.includes(wanted)) return undefined;
  return known.startsWith(wanted) ? 2 : 3;
}

/** The options that match a text: the one that it is, then those that are equal, begin with it, and contain it. */
export function matching(options: readonly string[], typed: string): readonly string[] {
  const text = typed.trim();
  if (text === "") return options;
  const wanted = plain(text);
  const ranks = options.map((option) => rankOf(option, text, wanted));
  return [0, 1, 2, 3].flatMap((rank) => options.filter((_, at) => ranks[at] === rank));
}

/** Whether a typed text is an option, or its begin: then it is the one that Enter takes. */
export function isBegunBy(option: string | undefined, typed: string): boolean {
  const text = typed.trim();
  if (option === undefined || text === "") return false;
  return (rankOf(option, text, plain(text)) ?? 3) < 3;
}

/** Whether a typed text is an option but for its letter case: nothing of it is left to type. */
export function isTypedWhole(option: string, typed: string): boolean {
  const lower = (text: string) => text.normalize("NFC").toLowerCase();
  return lower(option.trim()) === lower(typed.trim());
}

/** A text that filters the options; of a blank one nothing is typed. */
function filterOf(text: string): string {
  return text.trim() === "" ? "" : text;
}

/** The chosen options of a text, and what is typed behind them. */
export interface Several {
  chosen: readonly string[];
  typed: string;
}

/** Reads the text of one option; `isWhole`: nothing is being typed. */
export function oneOf(text: string, isWhole: boolean): Several {
  return { chosen: [text.trim()], typed: isWhole ? "" : filterOf(text) };
}

/** Reads the text of several options; `isWhole`: nothing is being typed behind them. */
export function severalOf(text: string, options: readonly string[], isWhole: boolean): Several {
  const items = splitOptions(text) ?? [text];
  const last = items.at(-1) ?? "";
  const isOpen = !isWhole && !options.includes(last) && !/,\s*$/.test(text);
  return isOpen
    ? { chosen: items.slice(0, -1), typed: filterOf(last) }
    : { chosen: items.filter((item) => item !== ""), typed: "" };
}

/** The text after an option is chosen, or no longer chosen. */
export function toggled({ chosen }: Several, option: string): string {
  const next = chosen.includes(option)
    ? chosen.filter((other) => other !== option)
    : [...chosen, option];
  return joinOptions([...new Set(next)]);
}

/** The place of the next option in a list; undefined in an empty list. */
export function stepped(
  active: number | undefined,
  step: -1 | 1,
  count: number,
): number | undefined {
  if (count === 0) return undefined;
  if (active === undefined) return step === 1 ? 0 : count - 1;
  return (active + step + count) % count;
}

/** What a key does in the list: `take` chooses the active option, and the edit ends where the list is for one. */
export type ListIntent = { do: "step"; step: -1 | 1 } | { do: "take"; ends: boolean };

const STEPS: Readonly<Record<string, -1 | 1>> = { ArrowUp: -1, ArrowDown: 1 };

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The command of a key; undefined for one that the text field handles. `typed`: something is typed that filters the list. */
export function listIntent(
  { key, ctrlKey, metaKey, altKey, shiftKey }: Pressed,
  several: boolean,
  typed: boolean,
): ListIntent | undefined {
  if (metaKey || altKey || shiftKey || (ctrlKey && key !== " ")) return undefined;
  const step = STEPS[key];
  if (step !== undefined) return { do: "step", step };
  if (!several) {
    const takes = key === "Enter" || (key === "Tab" && typed);
    return takes ? { do: "take", ends: true } : undefined;
  }
  const takes = typed ? key === "Enter" || key === "Tab" : key === " ";
  return takes ? { do: "take", ends: key === "Tab" } : undefined;
}

// The options that a person chooses from in a cell: which of them match the typed text, and what a choice makes of it.
//
// Invariant: the text of several options is the one that the engine writes.

import { joinOptions, splitOptions } from "../../live/engine/forms.ts";

/** A text without letter case and accents, for finding. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The options that contain a text, those that begin with it first. */
export function matching(options: readonly string[], typed: string): readonly string[] {
  const wanted = plain(typed.trim());
  if (wanted === "") return options;
  const found = options.filter((option) => plain(option).includes(wanted));
  const begins = (option: string) => plain(option).startsWith(wanted);
  return [...found.filter(begins), ...found.filter((option) => !begins(option))];
}

/** The chosen options of a text, and what is typed behind them. */
export interface Several {
  chosen: readonly string[];
  typed: string;
}

/** Reads the text of several options; `isWhole`: nothing is being typed behind them. */
export function severalOf(text: string, options: readonly string[], isWhole: boolean): Several {
  const items = splitOptions(text) ?? [text];
  const last = items.at(-1) ?? "";
  const isOpen = !isWhole && !options.includes(last) && !/,\s*$/.test(text);
  return isOpen
    ? { chosen: items.slice(0, -1), typed: last }
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

// The options that a person has edited, applied to those that the column has meanwhile.
//
// Invariant: an option that one side has added stays; one that one side has removed is gone, unless the other has renamed it.
import { type OptionEntry, optionsOf } from "./options.ts";

export interface RebasedOptions {
  entries: readonly OptionEntry[];
  /** Whether both sides have changed the same option, or the order. */
  both: boolean;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((option, at) => option === other[at]);
}

/** Adds the entries of `others` that are missing, each behind the one that it follows there. */
function placed(
  entries: readonly OptionEntry[],
  others: readonly OptionEntry[],
): readonly OptionEntry[] {
  const all = [...entries];
  let at = 0;
  for (const entry of others) {
    const found = all.indexOf(entry);
    if (found === -1) all.splice(at, 0, entry);
    else at = found;
    at++;
  }
  return all;
}

interface Staying {
  staying: readonly OptionEntry[];
  /** New texts of the person that others have added. */
  taken: ReadonlySet<string>;
  /** Whether others have removed an option that the person has renamed. */
  both: boolean;
}

/** The entries of the person that stay beside the options that are `present` in the column. */
function stayingOf(mine: readonly OptionEntry[], present: ReadonlySet<string>): Staying {
  const known = new Set(mine.map(({ was }) => was));
  const taken = new Set<string>();
  let both = false;
  const staying = mine.flatMap((entry): OptionEntry[] => {
    const { was } = entry;
    const text = entry.text.trim();
    if (was !== undefined && present.has(was)) return [entry];
    if (text === "" || text === was) return [];
    if (present.has(text) && !known.has(text)) {
      taken.add(text);
      return [];
    }
    if (was !== undefined) both = true;
    return [{ ...entry, was: undefined }];
  });
  return { staying, taken, both };
}

/** `opened`: the options when the dialog was opened; `now`: those of the column. */
export function rebasedOptions(
  opened: readonly OptionEntry[],
  mine: readonly OptionEntry[],
  now: readonly OptionEntry[],
): RebasedOptions {
  const [before, wanted, theirs] = [optionsOf(opened), optionsOf(mine), optionsOf(now)];
  if (isSame(theirs, before)) return { entries: mine, both: false };
  if (isSame(wanted, before) || isSame(wanted, theirs)) return { entries: now, both: false };
  const { staying, taken, both } = stayingOf(mine, new Set(theirs));
  const byWas = new Map(staying.map((entry) => [entry.was, entry]));
  const column = now.flatMap((entry) => {
    const known = byWas.get(entry.text);
    if (known !== undefined) return [known];
    // An option that was there before has been removed by the person.
    return before.includes(entry.text) && !taken.has(entry.text) ? [] : [entry];
  });
  const orderIn = (options: readonly (string | undefined)[]) =>
    options.filter(
      (option): option is string =>
        option !== undefined && before.includes(option) && byWas.has(option),
    );
  const was = orderIn(before);
  const [mineNow, theirsNow] = [orderIn(staying.map((entry) => entry.was)), orderIn(theirs)];
  const isMoved = !isSame(mineNow, was);
  const areMoved = !isSame(theirsNow, was);
  return {
    entries: areMoved && !isMoved ? placed(column, staying) : placed(staying, column),
    both: both || (isMoved && areMoved && !isSame(mineNow, theirsNow)),
  };
}

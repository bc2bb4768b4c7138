// What a person has changed in the dialog of a column, applied to the column as others have left it meanwhile.
//
// Invariant: a field that the person has not changed is as in the column; one that both have changed is the person's, and is
// named. The person's kind stays, too, where the kind of others does not use what the person has changed.
import { sameBytes } from "../../../base/bytes.ts";
import { type Draft, settingsBytes, shownOnly } from "./draft.ts";
import { rebasedOptions } from "./rebased-options.ts";

export interface Rebased {
  draft: Draft;
  /** The labels of the fields that others have changed to something else. */
  both: readonly string[];
}

/** The unit with its symbol: they are one choice. */
function unitOf({ unit, currency }: Draft): string {
  return unit === "currency" ? `${unit} ${currency.trim()}` : unit;
}

/** Whether a kind does not use a setting that the person has changed. */
function hidesChange(opened: Draft, draft: Draft, kind: Draft["kind"]): boolean {
  const used = shownOnly({ ...draft, kind }, opened);
  return !sameBytes(settingsBytes(used), settingsBytes(draft));
}

/** `opened`: the column when the dialog was opened; `now`: the column as it is. */
export function rebased(opened: Draft, draft: Draft, now: Draft): Rebased {
  const both: string[] = [];
  /** The draft that has a field: that of the person, or the column. */
  const from = (label: string, read: (of: Draft) => string | number | boolean): Draft => {
    const mine = read(draft);
    if (mine === read(opened)) return now;
    if (read(now) !== read(opened) && read(now) !== mine) both.push(label);
    return draft;
  };
  const chosen = from("Kind", (of) => of.kind).kind;
  const isHidden = chosen !== draft.kind && hidesChange(opened, draft, chosen);
  if (isHidden) both.push("Kind");
  const kind = isHidden ? draft.kind : chosen;
  const options = rebasedOptions(opened.options, draft.options, now.options);
  if (options.both) both.push("Options");
  const { unit, currency } = from("Show as", unitOf);
  const { decimals } = from("Decimals", (of) => of.decimals.trim());
  const { thousands } = from("Group thousands", (of) => of.thousands);
  const { locale } = from("Written as in", (of) => of.locale);
  const { refuse } = from("Refuse values that do not fit", (of) => of.refuse);
  const { entries } = options;
  return {
    draft: { kind, options: entries, decimals, thousands, unit, currency, locale, refuse },
    both,
  };
}

/** What the dialog says when others have changed the same fields. */
export function bothText(labels: readonly string[]): string {
  const named = labels.map((label) => `“${label}”`).join(", ");
  return `Others have changed ${named} meanwhile. Save again to replace their choice by yours.`;
}

/** The settings of a draft, encoded; undefined where the column has them. */
export function changedSettings(draft: Draft, now: Draft): Uint8Array | undefined {
  const [next, present] = [settingsBytes(draft), settingsBytes(now)];
  return sameBytes(next, present) ? undefined : next;
}

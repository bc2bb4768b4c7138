// Values that a column refuses, before they are sent: the server would refuse the whole edit.
import type { Area } from "../../cells/area.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { type CellValue, exactText } from "../../cells/values.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

/** Values that do not fit, and the first of them, by its place in the area. */
export interface Refused {
  count: number;
  y: number;
  x: number;
  why: string;
}

/** The refused values of an area; `refusals` has a function for each column that refuses values. */
export function refusedValues(
  rows: readonly (readonly CellValue[])[],
  refusals: readonly (((value: CellValue) => string | undefined) | undefined)[],
): Refused | undefined {
  let found: Refused | undefined;
  for (const [y, row] of rows.entries())
    for (const [x, value] of row.entries()) {
      const why = refusals[x]?.(value);
      if (why === undefined) continue;
      found ??= { count: 0, y, x, why };
      found.count++;
    }
  return found;
}

const SHOWN = 40;

function shorten(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}

/** Milliseconds for which the notice is shown: two sentences that a person compares with the sheet. */
const READ_MILLIS = 20_000;
/** Removes the notice of the last refusal. */
let closeLast: () => void = () => undefined;

/**
 * Says what a column refuses, and that nothing was written; `verb` names the gesture. The next such gesture removes the
 * notice. False when all values are taken.
 */
export function notifyRefused(
  sheet: LiveSheet,
  at: Area,
  rows: readonly (readonly CellValue[])[],
  verb: string,
): boolean {
  closeLast();
  const { columns } = sheet.layout.get();
  const refusals = Array.from({ length: at.width }, (_, x) => {
    if (columns[at.col + x]?.settings?.refuse !== true) return undefined;
    const texts = sheet.texts(at.col + x);
    return (value: CellValue) => texts.refusal(value);
  });
  const refused = refusedValues(rows, refusals);
  if (refused === undefined) return false;
  const { count, y, x, why } = refused;
  const value = shorten(exactText(rows[y]?.[x] ?? null));
  const place = `“${columnTitle(columns[at.col + x], at.col + x)}”, row ${(at.row + y + 1).toLocaleString()}`;
  const what =
    count === 1
      ? `Nothing was ${verb}: ${place} does not take “${value}”, ${why}.`
      : `Nothing was ${verb}: ${count.toLocaleString()} values do not fit. The first is “${value}” in ${place}: ${why}.`;
  const until = (close: () => void) => {
    closeLast = close;
    return () => undefined;
  };
  showToast("error", what, undefined, { millis: READ_MILLIS, until });
  return true;
}

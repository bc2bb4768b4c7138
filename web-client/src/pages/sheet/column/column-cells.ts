// What the loaded cells of a column have: texts, each with the number of its cells, and numbers.
import { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { splitOptions } from "../../../live/engine/forms.ts";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { OPTION_BYTES, optionBytes } from "./options.ts";

interface Cells {
  /** Texts that could be options, in the order of their rows. */
  texts: ReadonlyMap<string, number>;
  numbers: readonly number[];
}

/** `kind`: that of the column, or the one by which its texts are taken apart. */
export function readCells(
  sheet: LiveSheet,
  col: number,
  kind = sheet.layout.get().columns[col]?.kind,
): Cells {
  const texts = new Map<string, number>();
  const numbers: number[] = [];
  const { rowCount } = sheet.layout.get();
  const several = kind === ColumnKind.CHOICES;
  const { start, count } = sheet.loaded();
  for (let row = start; row < Math.min(start + count, rowCount); row++) {
    const value = sheet.cell(row, col);
    if (typeof value === "number") numbers.push(value);
    const items = typeof value === "string" ? itemsOf(value, several) : [];
    for (const text of items) texts.set(text, (texts.get(text) ?? 0) + 1);
  }
  return { texts, numbers };
}

/** The cells of a held column, which others may have moved; none where it was deleted. */
export function heldCells(sheet: LiveSheet, hold: Hold, kind?: ColumnKind): Cells {
  const col = hold.area()?.col;
  return col === undefined ? { texts: new Map(), numbers: [] } : readCells(sheet, col, kind);
}

/** The texts of a cell that could be options. */
function itemsOf(text: string, several: boolean): string[] {
  const items = (several ? splitOptions(text) : undefined) ?? [text.trim()];
  return items.filter(couldBeOption);
}

function couldBeOption(text: string): boolean {
  return text !== "" && optionBytes(text) <= OPTION_BYTES && !/\p{Cc}/u.test(text);
}

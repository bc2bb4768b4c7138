// The columns whose values are shown in a form of their own: numbers with decimals, a unit or a language, days with a language.
import { type CellValue, formatValue } from "../../cells/values.ts";
import { type Column, ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { Texts } from "../../live/engine/texts.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";

const TIMES: readonly ColumnKind[] = [
  ColumnKind.DATE,
  ColumnKind.LOCAL_DATETIME,
  ColumnKind.DATETIME,
];

function hasForm({ kind, settings }: Column): boolean {
  if (settings === undefined) return false;
  const { decimals, thousands, unit, locale } = settings;
  if (kind === ColumnKind.NUMBER)
    return decimals !== undefined || thousands || unit.case !== undefined || locale !== "";
  return TIMES.includes(kind) && locale !== "";
}

/** The texts of a column that has a form; undefined for another. */
export function columnForm(
  sheet: LiveSheet,
  columns: readonly Column[],
  col: number,
): Texts | undefined {
  const column = columns[col];
  return column !== undefined && hasForm(column) ? sheet.texts(col) : undefined;
}

/** The same for all columns. */
export function columnForms(
  sheet: LiveSheet,
  columns: readonly Column[],
): readonly (Texts | undefined)[] {
  return columns.map((_, col) => columnForm(sheet, columns, col));
}

/** The form of a column of no open sheet; undefined without one, and for settings of a later release. */
function formOf(column: Column): Texts | undefined {
  if (!hasForm(column)) return undefined;
  try {
    return Texts.of(column.kind, column.settings);
  } catch {
    return undefined;
  }
}

/** How the values of columns of no open sheet are shown; `decimal` is the decimal mark of their reader. */
export function shownTexts(
  columns: readonly Column[],
  decimal: string,
): (value: CellValue, col: number) => string {
  const forms = columns.map(formOf);
  return (value, col) =>
    forms[col]?.shown(value) ?? formatValue(value, columns[col]?.kind ?? 0, decimal);
}

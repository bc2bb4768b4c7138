// Another kind for a column, without a change of its values, and when the server is asked first what becomes of them.
import { plural } from "../../base/text.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import { KINDS } from "../draw/columns.ts";

/**
 * Gives a column a kind and settings, and a notice of the values that do not fit. A kind that it has is not set again, since
 * others may change it meanwhile. False when the edit is refused, after a notice.
 */
export function setKind(
  sheet: LiveSheet,
  col: number,
  kind: ColumnKind,
  settings?: Uint8Array,
): boolean {
  const column = sheet.layout.get().columns[col];
  const name = columnTitle(column, col);
  const other = kind === (column?.kind || ColumnKind.ANY) ? undefined : kind;
  if (other === undefined && settings === undefined) return true;
  const isMade = sheet.edit((engine) => {
    const known = engine.knowsSettings() ? settings : undefined;
    engine.updateColumn(col, undefined, other, undefined, known);
  });
  if (!isMade) return false;
  const left = kind === ColumnKind.ANY ? 0 : sheet.misfits(col, kind);
  if (left === 0) return true;
  const label = KINDS.find((known) => known.kind === kind)?.label ?? "";
  const stay = left === 1 ? "does not fit the kind" : "do not fit the kind";
  const mark = left === 1 ? "It stays, with a mark." : "They stay, with a mark.";
  // Also where the column has the kind already, and has got another form or language.
  showToast("info", `“${name}”: ${plural(left, "loaded value")} ${stay} ${label}. ${mark}`);
  return true;
}

/**
 * Whether another kind may leave values that do not fit, which the server can convert: it knows the column and can be
 * reached. `fits`: whether a value that fits the kind also fits the settings.
 */
export function mayConvert(sheet: LiveSheet, col: number, kind: ColumnKind, fits = true): boolean {
  const { columns, rowCount } = sheet.layout.get();
  const column = columns[col];
  const isOther = kind !== ColumnKind.ANY && kind !== (column?.kind || ColumnKind.ANY);
  if (!isOther || column === undefined || column.id === "" || !sheet.isReachable()) return false;
  const { start, count } = sheet.loaded();
  if (start > 0 || count < rowCount) return true;
  return fits ? sheet.misfits(col, kind) > 0 : hasValues(sheet, col, rowCount);
}

function hasValues(sheet: LiveSheet, col: number, rowCount: number): boolean {
  for (let row = 0; row < rowCount; row++) if ((sheet.cell(row, col) ?? null) !== null) return true;
  return false;
}

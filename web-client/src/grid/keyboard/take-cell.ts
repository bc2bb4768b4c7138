// The cell that the entry edits: its value as text, and where its text is written.
import type { Item } from "@glideapps/glide-data-grid";
import { oneCell, wholeColumn } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { losesZeros } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { retagCell, retypeCell, typeCell, typeNewRow } from "../edits/edits.ts";
import { keepText, notifyLoss, notifyZeros } from "../edits/loss-notice.ts";
import { mergedText } from "../edits/merged-text.ts";
import type { EntryCell, EntryHost } from "./entry.ts";

function isList(sheet: LiveSheet, col: number): boolean {
  return sheet.layout.get().columns[col]?.kind === ColumnKind.CHOICES;
}

/** Holds a cell of the sheet, or of the new row below the last one. */
export function takeCell(sheet: LiveSheet, [col, row]: Item): EntryCell | undefined {
  const { rowCount, columns, canEdit } = sheet.layout.get();
  if (!canEdit || col >= columns.length || row > rowCount) return undefined;
  const isNew = row === rowCount;
  const hold = sheet.hold([isNew ? wholeColumn(col) : oneCell(row, col)]);
  // An empty cell of a list is opened without options: those that others add meanwhile stay.
  const opened = !isNew && isList(sheet, col) && sheet.cell(row, col) === null ? "" : undefined;
  const at = (): Item | undefined => {
    const area = hold.area();
    return area && [area.col, isNew ? sheet.layout.get().rowCount : area.row];
  };
  const writeValue = (y: number, x: number, value: CellValue, from: string | undefined) => {
    if (isNew) return typeNewRow(sheet, x, value);
    if (isList(sheet, x) && from !== undefined && (value === null || typeof value === "string"))
      return retagCell(sheet, y, x, from, value ?? "");
    if (from !== undefined && typeof value === "string")
      return retypeCell(sheet, y, x, from, value);
    return typeCell(sheet, y, x, value);
  };
  const texts = () => sheet.texts(at()?.[0] ?? col);
  return {
    at,
    refusal: (text) => {
      const column = texts();
      return column.refusal(column.typed(text));
    },
    write: (text, from) => {
      const place = at();
      if (place === undefined) return;
      const [x, y] = place;
      const value = texts().typed(text);
      if (!writeValue(y, x, value, from ?? opened)) keepText("", text);
      else if (losesZeros(text, value)) notifyZeros(text);
    },
    lost: (text) => notifyLoss(sheet, hold, text),
    left: (text, why) => keepText(`The column takes no such value: ${why}.`, text),
    release: () => hold.release(),
  };
}

/** The value of a cell as editable text; undefined while it is not loaded. */
export function readCell(sheet: LiveSheet, [col, row]: Item): ReturnType<EntryHost["read"]> {
  if (row >= sheet.layout.get().rowCount) return { text: "", from: undefined };
  const value = sheet.cell(row, col);
  if (value === undefined) return undefined;
  const kind = sheet.layout.get().columns[col]?.kind ?? 0;
  return { text: sheet.texts(col).edited(value), from: mergedText(value, kind) };
}

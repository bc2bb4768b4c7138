// Connects the entry to the sheet: the cell that it edits, its value, and where its text is written.
import type { DataEditorRef, Item } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect, useMemo } from "react";
import { oneCell, wholeColumn } from "../../cells/area.ts";
import type { CellValue } from "../../cells/values.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import { losesZeros } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { retagCell, retypeCell, typeCell, typeNewRow } from "../edits/edits.ts";
import { keepText, notifyLoss, notifyZeros } from "../edits/loss-notice.ts";
import { mergedText } from "../edits/merged-text.ts";
import type { Selection } from "../selection/use-selection.ts";
import { Control } from "./control.ts";
import { Entry, type EntryCell } from "./entry.ts";

/** Holds a cell of the sheet, or of the new row below the last one. */
function takeCell(sheet: LiveSheet, [col, row]: Item): EntryCell | undefined {
  const { rowCount, columns, canEdit } = sheet.layout.get();
  if (!canEdit || col >= columns.length || row > rowCount) return undefined;
  const isNew = row === rowCount;
  const hold = sheet.hold([isNew ? wholeColumn(col) : oneCell(row, col)]);
  const at = (): Item | undefined => {
    const area = hold.area();
    return area && [area.col, isNew ? sheet.layout.get().rowCount : area.row];
  };
  const writeValue = (y: number, x: number, value: CellValue, from: string | undefined) => {
    if (isNew) return typeNewRow(sheet, x, value);
    const isList = sheet.layout.get().columns[x]?.kind === ColumnKind.CHOICES;
    if (isList && from !== undefined && (value === null || typeof value === "string"))
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
      if (!writeValue(y, x, value, from)) keepText("", text);
      else if (losesZeros(text, value)) notifyZeros(text);
    },
    lost: (text) => notifyLoss(sheet, hold, text),
    left: (text, why) => keepText(`The column takes no such value: ${why}.`, text),
    release: () => hold.release(),
  };
}

export interface Keyboard {
  entry: Entry;
  control: Control;
}

/** `page`: the number of rows on the screen. */
export function useEntry(
  sheet: LiveSheet,
  selection: Selection,
  grid: RefObject<DataEditorRef | null>,
  page: RefObject<number>,
): Keyboard {
  const keyboard = useMemo(() => {
    const entry = new Entry({
      take: () => takeCell(sheet, selection.cursor()),
      read: () => {
        const [col, row] = selection.cursor();
        if (row >= sheet.layout.get().rowCount) return { text: "", from: undefined };
        const value = sheet.cell(row, col);
        if (value === undefined) return undefined;
        const kind = sheet.layout.get().columns[col]?.kind ?? 0;
        return { text: sheet.texts(col).edited(value), from: mergedText(value, kind) };
      },
    });
    const viewport = {
      page: () => page.current,
      reveal: ([col, row]: Item) => grid.current?.scrollTo(col, row),
    };
    return { entry, control: new Control(sheet, selection, entry, viewport) };
  }, [sheet, selection, grid, page]);
  useEffect(() => () => keyboard.entry.leave(), [keyboard]);
  // Others see which cell this person edits.
  useEffect(() => {
    const { mode } = keyboard.entry;
    return mode.subscribe(() => sheet.setEditing(keyboard.entry.isOpen));
  }, [keyboard, sheet]);
  return keyboard;
}

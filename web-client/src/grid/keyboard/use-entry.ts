// Connects the entry to the sheet and the cursor (see take-cell.ts for the cell that it edits).
import type { DataEditorRef, Item } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect, useMemo } from "react";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Selection } from "../selection/use-selection.ts";
import { Control } from "./control.ts";
import { Entry } from "./entry.ts";
import { readCell, takeCell } from "./take-cell.ts";

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
      read: () => readCell(sheet, selection.cursor()),
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

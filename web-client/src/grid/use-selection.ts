// The selection as state: set by the person, carried along by the engine while others edit.
import type { GridSelection, Item } from "@glideapps/glide-data-grid";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { LiveSheet } from "../live/live-sheet.ts";
import {
  cellSelection,
  columnSelection,
  isSelected,
  marks,
  moved,
  rowSelection,
} from "./selection.ts";

/** The same object for as long as the sheet is open: it outlives renders. */
export interface Selection {
  set: (selection: GridSelection) => void;
  /** The selection as of now. */
  get: () => GridSelection;
  /**
   * Where a cell is now that the grid names by an earlier position: an open editor keeps the position
   * at which it was opened, while others may have moved its line.
   */
  resolve: (cell: Item) => Item;
  /** Selects a cell, or a row by its number (column -1), unless it is selected already. */
  include: (cell: Item) => void;
  /** Selects a column, unless it is selected already. */
  includeColumn: (col: number) => void;
}

export function useSelection(sheet: LiveSheet): [GridSelection, Selection] {
  const [value, setValue] = useState<GridSelection>(() => cellSelection([0, 0]));
  const now = useRef(value);
  /** Every position of the selected cell since the person chose it; all of them name one cell. */
  const trail = useRef<Item[]>([]);

  const show = useCallback(
    (selection: GridSelection) => {
      now.current = selection;
      setValue(selection);
      if (selection.current === undefined) return;
      const { cell, range } = selection.current;
      const { x, y, width, height } = range;
      sheet.present({ row: cell[1], col: cell[0] }, { row: y, col: x, width, height });
    },
    [sheet],
  );

  const set = useCallback(
    (selection: GridSelection) => {
      const { rows, cols } = marks(selection);
      sheet.setMarks(rows, cols);
      trail.current = selection.current === undefined ? [] : [selection.current.cell];
      show(selection);
    },
    [sheet, show],
  );

  const get = useCallback(() => now.current, []);

  const resolve = useCallback((cell: Item): Item => {
    const known = trail.current.some(([col, row]) => col === cell[0] && row === cell[1]);
    return (known ? now.current.current?.cell : undefined) ?? cell;
  }, []);

  useEffect(() => {
    set(now.current);
    sheet.onMarks = (rows, cols) => {
      const next = moved(now.current, [...rows], [...cols]);
      if (next.current !== undefined) trail.current.push(next.current.cell);
      show(next);
    };
    return () => {
      sheet.onMarks = () => undefined;
    };
  }, [sheet, set, show]);

  const selection = useMemo(() => {
    const include = (cell: Item) => {
      if (!isSelected(now.current, cell))
        set(cell[0] < 0 ? rowSelection(cell[1]) : cellSelection(cell));
    };
    const includeColumn = (col: number) => {
      if (!now.current.columns.hasIndex(col)) set(columnSelection(col));
    };
    return { set, get, resolve, include, includeColumn };
  }, [set, get, resolve]);
  return [value, selection];
}

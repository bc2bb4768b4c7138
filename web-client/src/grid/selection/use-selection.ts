// The selection as state: set by the person, carried along by the engine while others edit. There is
// always a cursor in it, so the keyboard always has a place to go on from.
import type { GridSelection, Item } from "@glideapps/glide-data-grid";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Area } from "../../cells/area.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import {
  areas,
  cellSelection,
  columnSelection,
  isSelected,
  marks,
  moved,
  rowSelection,
  withCursor,
} from "./selection.ts";

/** The same object for as long as the sheet is open: it outlives renders. */
export interface Selection {
  /** Selects; `travel` is the column in which a row of Tabs began. */
  set: (selection: GridSelection, travel?: number) => void;
  /** Takes over what the grid says. */
  fromGrid: (selection: GridSelection) => void;
  /** The selection as of now. */
  get: () => GridSelection;
  /** The cell that the cursor is on. */
  cursor: () => Item;
  /** The column to which Enter returns after Tabs. */
  travelStart: () => number | undefined;
  /** Selects a cell, or a row by its number (column -1), unless it is selected already. */
  include: (cell: Item) => void;
  /** Selects a column, unless it is selected already. */
  includeColumn: (col: number) => void;
}

interface Now {
  selection: GridSelection;
  travel: number | undefined;
}

/** `top`: the first row on the screen. */
export function useSelection(sheet: LiveSheet, top: RefObject<number>): [GridSelection, Selection] {
  const [value, setValue] = useState<GridSelection>(() => cellSelection([0, 0]));
  const now = useRef<Now>({ selection: value, travel: undefined });

  const show = useCallback(
    (selection: GridSelection, travel: number | undefined) => {
      now.current = { selection, travel };
      setValue(selection);
      present(sheet, selection);
    },
    [sheet],
  );

  const set = useCallback(
    (selection: GridSelection, travel?: number) => {
      const { rows, cols } = marks(selection);
      sheet.setMarks(rows, travel === undefined ? cols : [...cols, travel, travel + 1]);
      show(selection, travel);
    },
    [sheet, show],
  );

  useEffect(() => {
    set(now.current.selection);
    sheet.onMarks = (rows, cols) => {
      const { selection, travel } = now.current;
      const carried = travel === undefined ? undefined : cols.at(-2);
      show(moved(selection, [...rows], [...cols]), carried);
    };
    return () => {
      sheet.onMarks = () => undefined;
    };
  }, [sheet, set, show]);

  const selection = useMemo(() => {
    const get = () => now.current.selection;
    const cursor = (): Item => get().current?.cell ?? [0, 0];
    return {
      set,
      get,
      cursor,
      travelStart: () => now.current.travel,
      fromGrid: (next: GridSelection) => {
        const { rowCount, columns } = sheet.layout.get();
        set(withCursor(next, cursor(), top.current, rowCount, columns.length));
      },
      include: (cell: Item) => {
        if (isSelected(get(), cell)) return;
        set(cell[0] < 0 ? rowSelection(cell[1], 1, cursor()[0]) : cellSelection(cell));
      },
      includeColumn: (col: number) => {
        if (!get().columns.hasIndex(col)) set(columnSelection(col, 1, top.current));
      },
    };
  }, [sheet, set, top]);
  return [value, selection];
}

/** Tells the others where the cursor is; not while it is below the last row. */
function present(sheet: LiveSheet, { current }: GridSelection): void {
  if (current === undefined || current.cell[1] >= sheet.layout.get().rowCount) return;
  const { cell, range } = current;
  const { x, y, width, height } = range;
  sheet.present({ row: cell[1], col: cell[0] }, { row: y, col: x, width, height });
}

/** The selected areas, cut to the sheet. */
export function selectedAreas(sheet: LiveSheet, selection: Selection): Area[] {
  const { rowCount, columns } = sheet.layout.get();
  return areas(selection.get(), rowCount, columns.length);
}

// The selection as state: the person sets it, and the engine moves it with its lines while others edit.
//
// Invariant: the selection always has a cursor, from which the keyboard starts.
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

/** The selection of an open sheet. The object stays the same across renders. */
export interface Selection {
  /** Selects; `tabStart` is the column where a series of Tabs began. */
  set: (selection: GridSelection, tabStart?: number) => void;
  /** Applies a selection that the grid reports. */
  fromGrid: (selection: GridSelection) => void;
  /** The present selection; the rendered one may be older. */
  get: () => GridSelection;
  /** The cell that the cursor is on. */
  cursor: () => Item;
  /** The column where a series of Tabs began: Enter returns to it. */
  tabStart: () => number | undefined;
  /** Selects a cell, or a row by its number (column -1), unless it is selected already. */
  include: (cell: Item) => void;
  /** Selects a column, unless it is selected already. */
  includeColumn: (col: number) => void;
}

interface Now {
  selection: GridSelection;
  tabStart: number | undefined;
}

/** The selections of sheets that no grid shows: a page that returns to an open sheet has the same selection. */
const left = new WeakMap<LiveSheet, Now>();

/** The selection after its lines have moved. */
function carried({ selection, tabStart }: Now, rows: Uint32Array, cols: Uint32Array): Now {
  const start = tabStart === undefined ? undefined : cols.at(-2);
  return { selection: moved(selection, [...rows], [...cols]), tabStart: start };
}

/** `top`: the first row on the screen. */
export function useSelection(sheet: LiveSheet, top: RefObject<number>): [GridSelection, Selection] {
  const [first] = useState(
    (): Now => left.get(sheet) ?? { selection: cellSelection([0, 0]), tabStart: undefined },
  );
  const [value, setValue] = useState<GridSelection>(first.selection);
  const now = useRef<Now>(first);

  const show = useCallback(
    (selection: GridSelection, tabStart: number | undefined) => {
      now.current = { selection, tabStart };
      setValue(selection);
      sendPresence(sheet, selection);
    },
    [sheet],
  );

  const set = useCallback(
    (selection: GridSelection, tabStart?: number) => {
      const { rows, cols } = marks(selection);
      sheet.setMarks(rows, tabStart === undefined ? cols : [...cols, tabStart, tabStart + 1]);
      show(selection, tabStart);
    },
    [sheet, show],
  );

  useEffect(() => {
    set(now.current.selection, now.current.tabStart);
    sheet.onMarks = (rows, cols) => {
      const { selection, tabStart } = carried(now.current, rows, cols);
      show(selection, tabStart);
    };
    return () => {
      left.set(sheet, now.current);
      sheet.onMarks = (rows, cols) =>
        void left.set(sheet, carried(left.get(sheet) ?? first, rows, cols));
    };
  }, [sheet, set, show, first]);

  const selection = useMemo(() => {
    const get = () => now.current.selection;
    const cursor = (): Item => get().current?.cell ?? [0, 0];
    return {
      set,
      get,
      cursor,
      tabStart: () => now.current.tabStart,
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

/** Sends the cursor and the selection to the others, unless the cursor is below the last row. */
function sendPresence(sheet: LiveSheet, { current }: GridSelection): void {
  if (current === undefined || current.cell[1] >= sheet.layout.get().rowCount) return;
  const { cell, range } = current;
  const { x, y, width, height } = range;
  sheet.sendPresence({ row: cell[1], col: cell[0] }, { row: y, col: x, width, height });
}

/** The selected areas, cut to the sheet. */
export function selectedAreas(sheet: LiveSheet, selection: Selection): Area[] {
  const { rowCount, columns } = sheet.layout.get();
  return areas(selection.get(), rowCount, columns.length);
}

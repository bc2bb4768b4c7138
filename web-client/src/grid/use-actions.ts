// What the shortcuts and menus do with the selected rows and columns.
import { CompactSelection, type Item } from "@glideapps/glide-data-grid";
import { useMemo } from "react";
import type { LiveSheet } from "../live/live-sheet.ts";
import { deleteLines, nudge } from "./edits.ts";
import { colsOf, NOTHING, rowsOf } from "./selection.ts";
import type { Action } from "./shortcuts.ts";
import type { Selection } from "./use-selection.ts";

/** What the page does, rather than the sheet. */
export interface PageActions {
  renameColumn: (col: number) => void;
  goToRow: () => void;
  help: () => void;
  /** Selects a cell and brings it into view. */
  goTo: (cell: Item) => void;
}

export interface GridActions extends PageActions {
  run: (action: Action) => void;
}

function insert(sheet: LiveSheet, selection: Selection, axis: "rows" | "cols"): void {
  const lines = axis === "rows" ? rowsOf(selection.get()) : colsOf(selection.get());
  const [first] = lines;
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  if (first === undefined) return;
  sheet.edit((engine) =>
    axis === "rows" ? engine.insertRows(first.start, count) : engine.insertCols(first.start, count),
  );
}

/** Moves the selected block by one line; the selection goes along. */
function move(sheet: LiveSheet, selection: Selection, axis: "rows" | "cols", step: -1 | 1): void {
  const now = selection.get();
  const lines = axis === "rows" ? rowsOf(now) : colsOf(now);
  const [block] = lines;
  // Blocks with gaps between them would need a rule that nobody could guess.
  if (block === undefined || lines.length > 1) return;
  if (nudge(sheet, axis, block, step) === undefined) return;
  if (now.current === undefined) {
    const moved = CompactSelection.fromSingleSelection([
      block.start + step,
      block.start + step + block.count,
    ]);
    selection.set({ ...NOTHING, [axis === "rows" ? "rows" : "columns"]: moved });
    return;
  }
  const [dx, dy] = axis === "rows" ? [0, step] : [step, 0];
  const { cell, range } = now.current;
  selection.set({
    rows: axis === "rows" ? now.rows.offset(step) : now.rows,
    columns: axis === "cols" ? now.columns.offset(step) : now.columns,
    current: {
      cell: [cell[0] + dx, cell[1] + dy],
      range: { ...range, x: range.x + dx, y: range.y + dy },
      rangeStack: [],
    },
  });
}

function removeLines(sheet: LiveSheet, selection: Selection): void {
  const now = selection.get();
  // Selected columns are meant when there are some; else the rows of the selection.
  if (now.columns.length > 0) deleteLines(sheet, "cols", colsOf(now));
  else deleteLines(sheet, "rows", rowsOf(now));
}

export function useActions(sheet: LiveSheet, selection: Selection, page: PageActions): GridActions {
  return useMemo(() => {
    const table: Record<Action, () => void> = {
      undo: () => sheet.takeBack("undo"),
      redo: () => sheet.takeBack("redo"),
      "insert-rows": () => insert(sheet, selection, "rows"),
      "insert-cols": () => insert(sheet, selection, "cols"),
      "delete-lines": () => removeLines(sheet, selection),
      "rows-up": () => move(sheet, selection, "rows", -1),
      "rows-down": () => move(sheet, selection, "rows", 1),
      "cols-left": () => move(sheet, selection, "cols", -1),
      "cols-right": () => move(sheet, selection, "cols", 1),
      "rename-column": () => {
        const [first] = colsOf(selection.get());
        if (first !== undefined) page.renameColumn(first.start);
      },
      "last-cell": () => {
        const { rowCount, columns } = sheet.layout.get();
        page.goTo([Math.max(0, columns.length - 1), Math.max(0, rowCount - 1)]);
      },
      "last-row": () => {
        const col = selection.get().current?.cell[0] ?? 0;
        page.goTo([col, Math.max(0, sheet.layout.get().rowCount - 1)]);
      },
      "go-to-row": page.goToRow,
      help: page.help,
    };
    const viewing = new Set<Action>(["go-to-row", "help", "last-cell", "last-row"]);
    const run = (action: Action) => {
      if (sheet.layout.get().canEdit || viewing.has(action)) table[action]();
    };
    return { ...page, run };
  }, [sheet, selection, page]);
}

// Carries out the actions of shortcuts, menus and buttons on the selected rows and columns.
import type { Item } from "@glideapps/glide-data-grid";
import { useMemo } from "react";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { deleteLines, nudge } from "../edits/edits.ts";
import { cellSelection, colsOf, rowsOf } from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import type { GridActions, PageActions } from "./page-actions.ts";
import type { Action } from "./shortcuts.ts";

function insert(sheet: LiveSheet, selection: Selection, axis: "rows" | "cols"): void {
  const lines = axis === "rows" ? rowsOf(selection.get()) : colsOf(selection.get());
  const [first] = lines;
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  if (first === undefined) return;
  sheet.edit((engine) =>
    axis === "rows" ? engine.insertRows(first.start, count) : engine.insertCols(first.start, count),
  );
}

/** Moves the selected block by one line, together with the selection. */
function move(sheet: LiveSheet, selection: Selection, axis: "rows" | "cols", step: -1 | 1): void {
  const now = selection.get();
  const lines = axis === "rows" ? rowsOf(now) : colsOf(now);
  const [block] = lines;
  // Several blocks have no obvious target: nothing moves.
  if (block === undefined || lines.length > 1) return;
  if (nudge(sheet, axis, block, step) === undefined) return;
  const [dx, dy] = axis === "rows" ? [0, step] : [step, 0];
  const { current } = now;
  const carried = current && {
    cell: [current.cell[0] + dx, current.cell[1] + dy] as Item,
    range: { ...current.range, x: current.range.x + dx, y: current.range.y + dy },
    rangeStack: [],
  };
  selection.set({
    rows: axis === "rows" ? now.rows.offset(step) : now.rows,
    columns: axis === "cols" ? now.columns.offset(step) : now.columns,
    ...(carried && { current: carried }),
  });
}

/** Deletes the selected lines as one edit and puts the cursor on the line that is then in their place. */
export function removeLines(sheet: LiveSheet, selection: Selection, axis: "rows" | "cols"): void {
  const now = selection.get();
  const { rowCount } = sheet.layout.get();
  const lines = axis === "rows" ? rowsOf(now) : colsOf(now);
  // The line below the last row is not a row yet.
  const there = axis === "rows" ? lines.filter(({ start }) => start < rowCount) : lines;
  const [first] = there;
  if (first === undefined || !deleteLines(sheet, axis, there)) return;
  const [col, row] = selection.cursor();
  const size = sheet.layout.get();
  const to: Item = axis === "rows" ? [col, first.start] : [first.start, row];
  const last: Item = [Math.max(0, size.columns.length - 1), size.rowCount];
  selection.set(cellSelection([Math.min(to[0], last[0]), Math.min(to[1], last[1])]));
}

export function useActions(sheet: LiveSheet, selection: Selection, page: PageActions): GridActions {
  return useMemo(() => {
    const table: Record<Action, () => void> = {
      undo: () => sheet.undoRedo("undo"),
      redo: () => sheet.undoRedo("redo"),
      "insert-rows": () => insert(sheet, selection, "rows"),
      "insert-cols": () => insert(sheet, selection, "cols"),
      "delete-lines": () =>
        // Deletes selected columns if there are any, otherwise the rows of the selection.
        removeLines(sheet, selection, selection.get().columns.length > 0 ? "cols" : "rows"),
      "rows-up": () => move(sheet, selection, "rows", -1),
      "rows-down": () => move(sheet, selection, "rows", 1),
      "cols-left": () => move(sheet, selection, "cols", -1),
      "cols-right": () => move(sheet, selection, "cols", 1),
      "rename-column": () => {
        const [first] = colsOf(selection.get());
        if (first !== undefined) page.renameColumn(first.start);
      },
      "go-to-row": page.goToRow,
      help: page.help,
      comment: () => page.comment(selection.cursor()),
    };
    const viewing = new Set<Action>(["go-to-row", "help", "comment"]);
    const run = (action: Action) => {
      if (sheet.layout.get().canEdit || viewing.has(action)) table[action]();
    };
    return { ...page, run };
  }, [sheet, selection, page]);
}

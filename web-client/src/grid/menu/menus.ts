// The items of the menus for cells, rows and columns.
import type { Lines } from "../../cells/area.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { MenuGroups, MenuItem } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/toasts.ts";
import type { GridActions } from "../actions/page-actions.ts";
import { keysOf } from "../actions/shortcuts.ts";
import { removeLines } from "../actions/use-actions.ts";
import { readFromSystem } from "../clipboard/system-clipboard.ts";
import { canCopy, copyWaiting, pasteArea, pasteClip } from "../clipboard/use-clipboard.ts";
import { clearAreas } from "../edits/edits.ts";
import { notifyLoss } from "../edits/loss-notice.ts";
import { colsOf, rowsOf } from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import { selectedAreas } from "../selection/use-selection.ts";
import { kindMenu, settingsItem } from "./kind-menu.ts";

function total(lines: readonly Lines[]): number {
  return lines.reduce((sum, { count }) => sum + count, 0);
}

/** "row", "3 rows". */
function noun(count: number, one: string): string {
  return count === 1 ? one : `${count.toLocaleString()} ${one}s`;
}

async function copyFromMenu(sheet: LiveSheet, selection: Selection, cut: boolean): Promise<void> {
  const all = selectedAreas(sheet, selection);
  const keys = cut ? "Ctrl X" : "Ctrl C";
  const failed = `Your browser did not allow this. Press ${keys} instead.`;
  if (canCopy(all)) await copyWaiting(sheet, all, cut, failed);
}

/** Pastes from a menu. The browser may first ask the person for permission; the hold follows meanwhile. */
async function pasteFromMenu(sheet: LiveSheet, selection: Selection): Promise<void> {
  const area = pasteArea(sheet, selection);
  const hold = sheet.hold([area]);
  try {
    const clip = await readFromSystem();
    const at = hold.area();
    if (at === undefined) notifyLoss(sheet, hold);
    else if (clip !== undefined) pasteClip(sheet, selection, at, clip);
    else showToast("info", "Your browser blocks pasting from menus. Press Ctrl V instead.");
  } finally {
    hold.release();
  }
}

function cellItems(sheet: LiveSheet, selection: Selection): readonly MenuItem[] {
  const clear = () => clearAreas(sheet, selectedAreas(sheet, selection));
  const copy = (cut: boolean) => () => void copyFromMenu(sheet, selection, cut);
  const paste = () => void pasteFromMenu(sheet, selection);
  return [
    { label: "Cut", shortcut: "Ctrl X", testId: "cut", run: copy(true) },
    { label: "Copy", shortcut: "Ctrl C", testId: "copy", run: copy(false) },
    { label: "Paste", shortcut: "Ctrl V", testId: "paste", run: paste },
    { label: "Clear", shortcut: "Delete", testId: "clear", run: clear },
  ];
}

function undoItems(actions: GridActions): MenuItem[] {
  const item = (label: string, action: "undo" | "redo") => ({
    label,
    shortcut: keysOf(action),
    testId: action,
    run: () => actions.run(action),
  });
  return [item("Undo", "undo"), item("Redo", "redo")];
}

function rowItems(sheet: LiveSheet, selection: Selection, actions: GridActions): MenuGroups {
  const lines = rowsOf(selection.get());
  const count = total(lines);
  const last = lines.at(-1);
  const below = last === undefined ? 0 : last.start + last.count;
  return [
    [
      {
        label: `Insert ${noun(count, "row")} above`,
        shortcut: keysOf("insert-rows"),
        testId: "insert-above",
        run: () => actions.run("insert-rows"),
      },
      {
        label: `Insert ${noun(count, "row")} below`,
        testId: "insert-below",
        run: () => void sheet.edit((engine) => engine.insertRows(below, count)),
      },
      {
        label: "Move up",
        shortcut: keysOf("rows-up"),
        testId: "rows-up",
        run: () => actions.run("rows-up"),
      },
      {
        label: "Move down",
        shortcut: keysOf("rows-down"),
        testId: "rows-down",
        run: () => actions.run("rows-down"),
      },
    ],
    [
      {
        label: `Delete ${noun(count, "row")}`,
        danger: true,
        testId: "delete-rows",
        run: () => removeLines(sheet, selection, "rows"),
      },
    ],
  ];
}

/** A comment on the cell of the cursor, for every role but that of viewers, and a link to it. */
function cursorItems(sheet: LiveSheet, selection: Selection, actions: GridActions): MenuItem[] {
  const comment = {
    label: "Comment",
    shortcut: keysOf("comment"),
    testId: "add-comment",
    run: () => actions.run("comment"),
  };
  const link = {
    label: "Copy link to cell",
    testId: "copy-link",
    run: () => {
      const cell = selection.get().current?.cell;
      if (cell !== undefined) actions.copyLink(cell);
    },
  };
  return sheet.layout.get().role === Role.VIEWER ? [link] : [comment, link];
}

/** The menu of a cell, a range or selected rows. */
export function cellMenu(sheet: LiveSheet, selection: Selection, actions: GridActions): MenuGroups {
  const cells = cellItems(sheet, selection);
  const cursor = cursorItems(sheet, selection, actions);
  if (!sheet.layout.get().canEdit) return [cells.filter(({ label }) => label === "Copy"), cursor];
  return [cells, undoItems(actions), cursor, ...rowItems(sheet, selection, actions)];
}

/** The menu of the selected columns; `col` is the column whose header was clicked. */
export function columnMenu(
  sheet: LiveSheet,
  selection: Selection,
  actions: GridActions,
  col: number,
): MenuGroups {
  const column = sheet.layout.get().columns[col];
  const rename = {
    label: `Rename “${columnTitle(column, col)}”…`,
    shortcut: keysOf("rename-column"),
    testId: "rename-column",
    run: () => actions.renameColumn(col),
  };
  const kind = kindMenu(sheet, col, actions);
  const settings = settingsItem(sheet, col, actions);
  return [[rename, kind, settings], ...columnItems(sheet, selection, actions)];
}

function columnItems(sheet: LiveSheet, selection: Selection, actions: GridActions): MenuGroups {
  const lines = colsOf(selection.get());
  const count = total(lines);
  const last = lines.at(-1);
  const right = last === undefined ? 0 : last.start + last.count;
  return [
    [
      {
        label: `Insert ${noun(count, "column")} left`,
        shortcut: keysOf("insert-cols"),
        testId: "insert-left",
        run: () => actions.run("insert-cols"),
      },
      {
        label: `Insert ${noun(count, "column")} right`,
        testId: "insert-right",
        run: () => void sheet.edit((engine) => engine.insertCols(right, count)),
      },
      {
        label: "Move left",
        shortcut: keysOf("cols-left"),
        testId: "cols-left",
        run: () => actions.run("cols-left"),
      },
      {
        label: "Move right",
        shortcut: keysOf("cols-right"),
        testId: "cols-right",
        run: () => actions.run("cols-right"),
      },
    ],
    [
      {
        label: `Delete ${noun(count, "column")}`,
        danger: true,
        testId: "delete-cols",
        run: () => removeLines(sheet, selection, "cols"),
      },
    ],
  ];
}

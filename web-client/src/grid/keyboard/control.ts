// Carries out keyboard commands: moves the cursor, begins and ends the editing of a cell, clears, fills
// and selects.
//
// What it is not: it reads no keys (see keys.ts).
// Invariant: each command is complete when `perform` returns, so the next key can follow at any speed.
import type { GridSelection, Item } from "@glideapps/glide-data-grid";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { clearAreas, toggle } from "../edits/edits.ts";
import { fillByKey } from "../edits/fill.ts";
import {
  extended,
  type Field,
  movingCorner,
  nextByTab,
  target,
  within,
} from "../selection/navigate.ts";
import {
  areas,
  cellSelection,
  columnSelection,
  NOTHING,
  rowSelection,
} from "../selection/selection.ts";
import type { Selection } from "../selection/use-selection.ts";
import type { Entry } from "./entry.ts";
import type { Intent } from "./keys.ts";

/** The part of the sheet on the screen. */
export interface Viewport {
  /** The number of rows on the screen. */
  page: () => number;
  /** Scrolls until the cell is on the screen. */
  reveal: (cell: Item) => void;
}

export interface Control {
  /** True when the command was carried out; false leaves the key to the browser. */
  perform: (intent: Intent) => boolean;
}

/** The sheet's dimensions and filled cells, for the navigation. */
export function fieldOf(sheet: LiveSheet, page: number): Field {
  const { rowCount, columns, canEdit } = sheet.layout.get();
  return {
    rows: rowCount,
    cols: columns.length,
    newRow: canEdit,
    page,
    filled: ([col, row]) => {
      const value = sheet.cell(row, col);
      return value === undefined ? undefined : value !== null && value !== "";
    },
  };
}

export function createControl(
  sheet: LiveSheet,
  selection: Selection,
  entry: Entry,
  viewport: Viewport,
): Control {
  const field = () => fieldOf(sheet, viewport.page());
  const go = (to: GridSelection, shown: Item, tabStart?: number) => {
    selection.set(to, tabStart);
    viewport.reveal(shown);
  };
  const stand = (cell: Item, tabStart?: number) => go(cellSelection(cell), cell, tabStart);

  /** Commits the cell that is being edited, if there is one; false when its row or column was deleted. */
  const finishEntry = (): boolean => {
    const stands = !entry.isOpen || entry.at() !== undefined;
    entry.commit();
    return stands;
  };

  const tabStart = (step: -1 | 1): boolean => {
    if (!finishEntry()) return true;
    const from = selection.cursor();
    const to = nextByTab(from, step, field());
    const stays = to[0] === from[0] && to[1] === from[1];
    if (!stays) stand(to, selection.tabStart() ?? from[0]);
    return !stays;
  };

  const line = (step: -1 | 1): boolean => {
    const start = selection.tabStart();
    if (!finishEntry()) return true;
    const [col, row] = selection.cursor();
    stand(within([step > 0 ? (start ?? col) : col, row + step], field()));
    return true;
  };

  const move = ({ motion, extend }: Extract<Intent, { do: "move" }>): boolean => {
    if (!finishEntry()) return true;
    const now = selection.get();
    const from = extend ? movingCorner(now) : selection.cursor();
    const to = target(from, motion, extend ? { ...field(), newRow: false } : field());
    if (extend) go(extended(now, to), to);
    else stand(to);
    return true;
  };

  const act = (intent: Intent): boolean => {
    const { canEdit } = sheet.layout.get();
    if (canEdit) edit(sheet, selection, entry, intent);
    return true;
  };

  return {
    perform: (intent) => {
      switch (intent.do) {
        case "tab":
          return tabStart(intent.step);
        case "enter":
          return line(intent.step);
        case "move":
          return move(intent);
        case "select":
          selection.set(selected(sheet, selection, intent.what));
          return true;
        case "cancel":
          entry.cancel();
          return true;
        default:
          return act(intent);
      }
    },
  };
}

/** Commands that change the sheet or open a cell for editing. */
function edit(sheet: LiveSheet, selection: Selection, entry: Entry, intent: Intent): void {
  const { rowCount, columns } = sheet.layout.get();
  const [col, row] = selection.cursor();
  if (intent.do === "edit") entry.open();
  if (intent.do === "newline") entry.insert("\n");
  if (intent.do === "clear") clearAreas(sheet, areas(selection.get(), rowCount, columns.length));
  if (intent.do === "fill")
    fillByKey(sheet, areas(selection.get(), rowCount, columns.length), intent.axis);
  if (intent.do === "toggle") toggle(sheet, row, col);
}

function selected(
  sheet: LiveSheet,
  selection: Selection,
  what: "all" | "rows" | "cols",
): GridSelection {
  const { rowCount, columns } = sheet.layout.get();
  const { current } = selection.get();
  const cell = selection.cursor();
  const { x, y, width, height } = current?.range ?? { x: 0, y: 0, width: 1, height: 1 };
  if (what === "all") {
    const range = { x: 0, y: 0, width: columns.length, height: rowCount };
    return { ...NOTHING, current: { cell, range, rangeStack: [] } };
  }
  const lines = what === "rows" ? rowSelection(y, height) : columnSelection(x, width);
  return current === undefined ? lines : { ...lines, current };
}

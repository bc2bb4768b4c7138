// Does what the keyboard asks for: moves the cursor, begins and ends the editing of a cell, clears,
// fills and selects.
//
// What it is not: it reads no keys (see keys.ts). Invariant: when it returns, the next key can come; it
// waits for nothing.
import type { GridSelection, Item } from "@glideapps/glide-data-grid";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { clearAreas, toggle } from "../edits/edits.ts";
import { fillByKey } from "../edits/fill.ts";
import { extended, type Field, lead, target, travelled, within } from "../selection/navigate.ts";
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

/** What the grid shows now, and how to bring a cell into it. */
export interface Sight {
  page: () => number;
  reveal: (cell: Item) => void;
}

export interface Control {
  /** Whether it was done; otherwise the key is the browser's. */
  perform: (intent: Intent) => boolean;
}

/** The sheet as the keyboard moves over it. */
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
  sight: Sight,
): Control {
  const field = () => fieldOf(sheet, sight.page());
  const go = (to: GridSelection, shown: Item, travel?: number) => {
    selection.set(to, travel);
    sight.reveal(shown);
  };
  const stand = (cell: Item, travel?: number) => go(cellSelection(cell), cell, travel);

  /** Ends the editing of a cell, if one is edited; false when its row or column is gone. */
  const settle = (): boolean => {
    const stands = !entry.isOpen || entry.at() !== undefined;
    entry.commit();
    return stands;
  };

  const travel = (step: -1 | 1): boolean => {
    if (!settle()) return true;
    const from = selection.cursor();
    const to = travelled(from, step, field());
    const stays = to[0] === from[0] && to[1] === from[1];
    if (!stays) stand(to, selection.travelStart() ?? from[0]);
    return !stays;
  };

  const line = (step: -1 | 1): boolean => {
    const start = selection.travelStart();
    if (!settle()) return true;
    const [col, row] = selection.cursor();
    stand(within([step > 0 ? (start ?? col) : col, row + step], field()));
    return true;
  };

  const move = ({ motion, extend }: Extract<Intent, { do: "move" }>): boolean => {
    if (!settle()) return true;
    const now = selection.get();
    const from = extend ? lead(now) : selection.cursor();
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
        case "travel":
          return travel(intent.step);
        case "line":
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

/** What changes the sheet, or begins to. */
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

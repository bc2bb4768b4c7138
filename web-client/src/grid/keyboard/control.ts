// Carries out keyboard commands: moves the cursor, begins and ends the editing of a cell, clears, fills
// and selects.
//
// What it is not: it reads no keys (see keys.ts).
// Invariant: each command is complete when `perform` returns, so the next key can follow at any speed.
import type { GridSelection, Item } from "@glideapps/glide-data-grid";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { clearAreas, toggle } from "../edits/edits.ts";
import { fillByKey } from "../edits/fill.ts";
import { followCell } from "../links/follow.ts";
import { nextByTab, type SheetShape, target, within } from "../selection/motion.ts";
import { extended, movingCorner } from "../selection/navigate.ts";
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

/** The sheet's dimensions and filled cells, for the navigation. */
function shapeOf(sheet: LiveSheet, page: number): SheetShape {
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

export class Control {
  readonly #sheet: LiveSheet;
  readonly #selection: Selection;
  readonly #entry: Entry;
  readonly #viewport: Viewport;

  constructor(sheet: LiveSheet, selection: Selection, entry: Entry, viewport: Viewport) {
    this.#sheet = sheet;
    this.#selection = selection;
    this.#entry = entry;
    this.#viewport = viewport;
  }

  /** Carries out a command. True when it did; false leaves the key to the browser. */
  perform(intent: Intent): boolean {
    switch (intent.do) {
      case "tab":
        return this.#tab(intent.step);
      case "enter":
        return this.#enter(intent.step);
      case "move":
        return this.#move(intent);
      case "select":
        this.#selection.set(selected(this.#sheet, this.#selection, intent.what));
        return true;
      case "cancel":
        this.#entry.cancel();
        return true;
      case "follow":
        followCell(this.#sheet, this.#selection.cursor());
        return true;
      default:
        if (this.#sheet.layout.get().canEdit)
          edit(this.#sheet, this.#selection, this.#entry, intent);
        return true;
    }
  }

  /** Tab and Shift Tab: false at the end of the sheet, where the browser moves the focus. */
  #tab(step: -1 | 1): boolean {
    if (!this.#finishEntry()) return true;
    const from = this.#selection.cursor();
    const to = nextByTab(from, step, this.#shape());
    if (to[0] === from[0] && to[1] === from[1]) return false;
    this.#goTo(to, this.#selection.tabStart() ?? from[0]);
    return true;
  }

  /** Enter while a cell is edited, and Shift Enter: the row below or above. */
  #enter(step: -1 | 1): boolean {
    const start = this.#selection.tabStart();
    if (!this.#finishEntry()) return true;
    const [col, row] = this.#selection.cursor();
    this.#goTo(within([step > 0 ? (start ?? col) : col, row + step], this.#shape()));
    return true;
  }

  #move({ motion, extend }: Extract<Intent, { do: "move" }>): boolean {
    if (!this.#finishEntry()) return true;
    const now = this.#selection.get();
    const shape = this.#shape();
    if (!extend) {
      this.#goTo(target(this.#selection.cursor(), motion, shape));
      return true;
    }
    const to = target(movingCorner(now), motion, { ...shape, newRow: false });
    this.#select(extended(now, to), to);
    return true;
  }

  /**
   * Commits the cell that is being edited, if there is one; false when its row or column was deleted, and when its column
   * refuses the text.
   */
  #finishEntry(): boolean {
    const exists = !this.#entry.isOpen || this.#entry.at() !== undefined;
    return this.#entry.commit() && exists;
  }

  #goTo(cell: Item, tabStart?: number): void {
    this.#select(cellSelection(cell), cell, tabStart);
  }

  #select(to: GridSelection, shown: Item, tabStart?: number): void {
    this.#selection.set(to, tabStart);
    this.#viewport.reveal(shown);
  }

  #shape(): SheetShape {
    return shapeOf(this.#sheet, this.#viewport.page());
  }
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

// The row, column or cell on which the mouse was pressed, for a drag, a resize or a click. Others may move
// or delete it before the button is released.
//
// Invariant: a cell is held by its row and its column, a line alone.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type Area, oneCell, wholeColumn, wholeRow } from "../../cells/area.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { notifyLoss } from "../edits/loss-notice.ts";

export class Press {
  readonly #sheet: LiveSheet;
  #hold: Hold | undefined;
  #pressed: "row" | "column" | "cell" | undefined;
  /** True for the second press of a double click: at the same place as the first, and not on a border. */
  isDouble = false;
  /** The distance from the left of the window. */
  x = 0;
  #last = { place: "", at: 0 };
  /** The pressed column's position at the time of the press. */
  col = -1;

  constructor(sheet: LiveSheet) {
    this.#sheet = sheet;
  }

  /** The mouse is pressed at a point of the window. */
  begin(grid: DataEditorRef, x: number, y: number): void {
    this.end();
    const args = grid.getMouseArgsForPosition(x, y);
    const [col, row] = args?.location ?? [-1, -1];
    const { rowCount, columns } = this.#sheet.layout.get();
    const now = performance.now();
    this.col = col;
    this.x = x;
    const onBorder = args?.kind !== "cell" && args?.isEdge === true;
    const place = onBorder ? "" : `${args?.kind}:${col}:${row}`;
    this.isDouble =
      place !== "" && place === this.#last.place && now - this.#last.at < DOUBLE_CLICK_MILLIS;
    this.#last = { place, at: now };
    const inRow = args?.kind === "cell" && row >= 0 && row < rowCount;
    const inColumn = col >= 0 && col < columns.length;
    if (inRow && inColumn) this.#take("cell", oneCell(row, col));
    else if (inRow) this.#take("row", wholeRow(row));
    else if (inColumn) this.#take("column", wholeColumn(col));
  }

  #take(pressed: "row" | "column" | "cell", area: Area): void {
    this.#pressed = pressed;
    this.#hold = this.#sheet.hold([area]);
  }

  end(): void {
    this.#hold?.release();
    this.#hold = undefined;
    this.#pressed = undefined;
  }

  /** The pressed row's present position; undefined, with a notice, when it was deleted. */
  rowNow(): number | undefined {
    return this.#pressed === "row" ? this.#now()?.row : undefined;
  }

  colNow(): number | undefined {
    return this.#pressed === "column" ? this.#now()?.col : undefined;
  }

  /** The pressed cell's present position. */
  cellNow(): { row: number; col: number } | undefined {
    return this.#pressed === "cell" ? this.#now() : undefined;
  }

  #now(): Area | undefined {
    const area = this.#hold?.area();
    if (area === undefined && this.#hold !== undefined) notifyLoss(this.#sheet, this.#hold);
    return area;
  }
}

/** The longest time between the two presses of a double click. */
const DOUBLE_CLICK_MILLIS = 600;

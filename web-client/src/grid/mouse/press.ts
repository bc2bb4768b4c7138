// Where the mouse went down: the row, column or cell of a drag, a resize or a click, which others may
// move or delete before the button is up again.
//
// Invariant: a cell is held by its row and its column, a line by itself.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type Area, oneCell, wholeColumn, wholeRow } from "../../cells/area.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { tellLoss } from "../edits/loss-notice.ts";

export class Press {
  readonly #sheet: LiveSheet;
  #hold: Hold | undefined;
  #pressed: "row" | "column" | "cell" | undefined;
  /** The second of a double click: the one before was at the same place, and on no border. */
  isDouble = false;
  /** Where in the window, from its left. */
  x = 0;
  #last = { place: "", at: 0 };
  /** The column that was pressed, by its position at the time. */
  col = -1;

  constructor(sheet: LiveSheet) {
    this.#sheet = sheet;
  }

  /** The mouse goes down at a point of the window. */
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

  /** Where the pressed row is now; undefined, and told, when it is gone. */
  rowNow(): number | undefined {
    return this.#pressed === "row" ? this.#now()?.row : undefined;
  }

  colNow(): number | undefined {
    return this.#pressed === "column" ? this.#now()?.col : undefined;
  }

  /** Where the pressed cell is now. */
  cellNow(): { row: number; col: number } | undefined {
    return this.#pressed === "cell" ? this.#now() : undefined;
  }

  #now(): Area | undefined {
    const area = this.#hold?.area();
    if (area === undefined && this.#hold !== undefined) tellLoss(this.#sheet, this.#hold);
    return area;
  }
}

/** Presses that follow each other this fast are one double click. */
const DOUBLE_CLICK_MILLIS = 600;

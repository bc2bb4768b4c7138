// Resizes columns: by dragging a border, or by a double click that fits the column to its content.
//
// Invariant: the pressed column is the one that changes, and several selected columns change by one edit.
import { Store } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { fitWidth } from "../draw/fit-width.ts";
import type { Press } from "./press.ts";

export class Resize {
  /** Widths to draw while a border is dragged. */
  readonly widths = new Store<ReadonlyMap<number, number>>(new Map());
  readonly #sheet: LiveSheet;
  readonly #press: Press;
  #dragging = false;
  #finishing = false;

  constructor(sheet: LiveSheet, press: Press) {
    this.#sheet = sheet;
    this.#press = press;
  }

  start(): void {
    this.#dragging = true;
  }

  move(col: number, width: number): void {
    const now = this.#columnNow(col);
    if (now === undefined) return;
    // Without a drag this is a double click on a border; the grid's own fit would ignore the name.
    if (this.#dragging) this.widths.set(new Map(this.widths.get()).set(now, width));
    else this.#fit(now);
  }

  end(col: number, width: number): void {
    this.#dragging = false;
    // A click without a move ends like a drag.
    if (this.widths.get().size === 0 && !this.#finishing) return;
    const now = this.#columnNow(col);
    if (now !== undefined) this.widths.set(new Map(this.widths.get()).set(now, width));
    if (this.#finishing) return;
    this.#finishing = true;
    // The grid reports the other selected columns in the same task.
    queueMicrotask(() => this.#finish());
  }

  #finish(): void {
    const widths = this.widths.get();
    this.#finishing = false;
    this.#sheet.make((gesture) => {
      for (const [col, width] of widths) gesture.setWidth(col, Math.round(width));
    });
    this.widths.set(new Map());
  }

  #fit(col: number): void {
    const width = fitWidth(this.#sheet, col);
    this.#sheet.edit((engine) => engine.updateColumn(col, undefined, undefined, width));
  }

  /** The grid reports the column's position at the time of the press. */
  #columnNow(col: number): number | undefined {
    return col === this.#press.col ? this.#press.colNow() : col;
  }
}

// Where the columns of a table stand, in CSS pixels from the first one. A table may have many thousands of them.
import type { Lines } from "../../../../cells/area.ts";

export class ColumnPlaces {
  /** The left edge of each column, and the right edge of the last one. */
  readonly #edges: Float64Array;

  constructor(widths: readonly number[]) {
    this.#edges = new Float64Array(widths.length + 1);
    for (const [i, width] of widths.entries()) this.#edges[i + 1] = this.left(i) + width;
  }

  get width(): number {
    return this.#edges.at(-1) ?? 0;
  }

  left(col: number): number {
    return this.#edges[col] ?? 0;
  }

  widthOf(col: number): number {
    return this.left(col + 1) - this.left(col);
  }

  /** The column at a place; the last one after the end. */
  at(x: number): number {
    let [low, high] = [0, Math.max(0, this.#edges.length - 2)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.left(middle) <= x) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The columns of which a part is between two places. */
  within(from: number, to: number): Lines {
    if (this.#edges.length < 2) return { start: 0, count: 0 };
    const start = this.at(from);
    return { start, count: this.at(Math.max(from, to - 1)) - start + 1 };
  }

  /** How far to scroll so that a column is between the edges of a view; `left`: how far it is scrolled. */
  reveal(col: number, left: number, view: number): number {
    const [from, to] = [this.left(col), this.left(col + 1)];
    if (from < left || to - from > view) return from;
    return Math.max(left, to - view);
  }
}

// The cells that others have just changed, for the grid to highlight.

/** Adding cells drops those older than this; the grid's highlight is shorter. */
const KEPT_MILLIS = 1_000;
/** The most cells in the list: a burst of changes must not fill the memory. */
const MOST_CELLS = 10_000;
/** More columns than a sheet can have. */
const COLUMNS = 65_536;

export class Flashes {
  readonly #at = new Map<number, number>();

  /** Adds cells, given as row, column, row, column, ... */
  add(cells: Uint32Array): void {
    if (cells.length === 0) return;
    const now = performance.now();
    this.#forget(now - KEPT_MILLIS);
    for (let i = 0; i + 1 < cells.length && this.#at.size < MOST_CELLS; i += 2) {
      const key = (cells[i] ?? 0) * COLUMNS + (cells[i + 1] ?? 0);
      this.#at.delete(key);
      this.#at.set(key, now);
    }
  }

  /** The time of a cell's last change, on the clock of `performance.now()`. */
  when(row: number, col: number): number | undefined {
    return this.#at.get(row * COLUMNS + col);
  }

  /** Empties the list: after a change of the layout its positions are wrong. */
  clear(): void {
    this.#at.clear();
  }

  #forget(before: number): void {
    // A map iterates in insertion order: the oldest cells are first.
    for (const [key, when] of this.#at) {
      if (when >= before) return;
      this.#at.delete(key);
    }
  }
}

// Which cells somebody else has just changed, so that the grid can let them glow for a moment.

/** How long a cell stays remembered; the grid's glow is shorter. */
const KEPT_MILLIS = 1_000;
/** Cells remembered at once: a burst of changes must not fill the memory. */
const MOST_CELLS = 10_000;
/** More columns than a sheet can have. */
const COLUMNS = 65_536;

export class Flashes {
  readonly #at = new Map<number, number>();

  /** Remembers cells given as row, column, row, column, ... */
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

  /** When a cell was changed, on the clock of `performance.now()`. */
  when(row: number, col: number): number | undefined {
    return this.#at.get(row * COLUMNS + col);
  }

  /** Positions mean something else now. */
  clear(): void {
    this.#at.clear();
  }

  #forget(before: number): void {
    // A map keeps its keys in the order in which they were added: the oldest come first.
    for (const [key, when] of this.#at) {
      if (when >= before) return;
      this.#at.delete(key);
    }
  }
}

// Which rows a sheet has loaded: those that the page shows, and for a moment others that something needs.
import { type Rows, windowFor, windowServes } from "./viewport.ts";

interface Clock {
  now(): number;
  nextFrame(then: () => void): void;
}

export class LoadedRows {
  readonly #clock: Clock;
  readonly #look: (rows: Rows) => void;
  /** The rows that the page looks at. */
  #window: Rows | undefined;
  /** Rows that something else needs for a moment. */
  #aside: Rows | undefined;

  constructor(clock: Clock, look: (rows: Rows) => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Has these rows loaded, with a margin. */
  see(visible: Rows): void {
    if (this.#window !== undefined && windowServes(this.#window, visible)) return;
    this.#window = windowFor(visible);
    if (this.#aside === undefined) this.#look(this.#window);
  }

  /** The rows that are loaded, or will be. */
  loaded(): Rows {
    return this.#window ?? { start: 0, count: 0 };
  }

  /**
   * Has rows loaded and reads them, then looks back to where the page looks. `rows` tells which, as
   * others move them; undefined ends the wait. `read` gives undefined while something is missing; so
   * does the result when time runs out.
   */
  async while<T>(
    rows: () => Rows | undefined,
    millis: number,
    read: () => T | undefined,
  ): Promise<T | undefined> {
    const deadline = this.#clock.now() + millis;
    try {
      for (;;) {
        const now = rows();
        if (now === undefined) return undefined;
        this.#lookAside(now);
        const result = read();
        if (result !== undefined || this.#clock.now() > deadline) return result;
        await new Promise<void>((resolve) => this.#clock.nextFrame(resolve));
      }
    } finally {
      this.#aside = undefined;
      if (this.#window !== undefined) this.#look(this.#window);
    }
  }

  #lookAside(rows: Rows): void {
    if (rows.start === this.#aside?.start && rows.count === this.#aside.count) return;
    this.#aside = rows;
    this.#look(rows);
  }
}

// The rows that a sheet loads: the window around the screen, and temporarily rows that a copy or a fill needs.
import { type Rows, windowFor, windowServes } from "./viewport.ts";

interface Clock {
  now(): number;
  nextFrame(then: () => void): void;
}

export class LoadedRows {
  readonly #clock: Clock;
  readonly #look: (rows: Rows) => void;
  /** The window around the rows on the screen. */
  #window: Rows | undefined;
  /** Rows that replace the window while `withLoaded` waits. */
  #temporary: Rows | undefined;

  constructor(clock: Clock, look: (rows: Rows) => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Loads the rows on the screen, with a margin. */
  setVisible(visible: Rows): void {
    if (this.#window !== undefined && windowServes(this.#window, visible)) return;
    this.#window = windowFor(visible);
    if (this.#temporary === undefined) this.#look(this.#window);
  }

  /** The rows that are loaded or requested for the screen. */
  loaded(): Rows {
    return this.#window ?? { start: 0, count: 0 };
  }

  /**
   * Loads rows, reads them, and returns to the rows on the screen. `rows` gives their present position, since
   * others may move them; undefined ends the wait. `read` returns undefined while rows are missing; after the
   * timeout that is the result.
   */
  async withLoaded<T>(
    rows: () => Rows | undefined,
    millis: number,
    read: () => T | undefined,
  ): Promise<T | undefined> {
    const deadline = this.#clock.now() + millis;
    try {
      for (;;) {
        const now = rows();
        if (now === undefined) return undefined;
        this.#lookTemporarily(now);
        const result = read();
        if (result !== undefined || this.#clock.now() > deadline) return result;
        await new Promise<void>((resolve) => this.#clock.nextFrame(resolve));
      }
    } finally {
      this.#temporary = undefined;
      if (this.#window !== undefined) this.#look(this.#window);
    }
  }

  #lookTemporarily(rows: Rows): void {
    if (rows.start === this.#temporary?.start && rows.count === this.#temporary.count) return;
    this.#temporary = rows;
    this.#look(rows);
  }
}

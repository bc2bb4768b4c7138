// How often something is read again whose cost grows with its size: at each animation frame while it is small.
//
// Invariant: what was asked for is read once more after it, never left out.

/** Milliseconds between two reads for each item: a thousand people are read twice a second. */
const MILLIS_EACH = 0.5;

interface Clock {
  now(): number;
  after(millis: number, then: () => void): () => void;
  nextFrame(then: () => void): void;
}

export class Pace {
  readonly #clock: Clock;
  readonly #read: () => void;
  #next = 0;
  #isAsked = false;

  constructor(clock: Clock, read: () => void) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Asks for a read, which comes when its time has come. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const run = () => {
      if (!this.#isAsked) return;
      this.#isAsked = false;
      this.#read();
    };
    const wait = this.#next - this.#clock.now();
    if (wait > 0) this.#clock.after(wait, run);
    else this.#clock.nextFrame(run);
  }

  /** Everything of `size` items was read now. */
  done(size: number): void {
    this.#isAsked = false;
    this.#next = this.#clock.now() + size * MILLIS_EACH;
  }
}

// The queue of frames for the server: numbered, in order, with one request in flight at a time.
//
// What it is not: a transport. It builds the next request and records the result.
// Invariant: a frame keeps its number until the server has confirmed it, so that a repeated request has no
// second effect.

/** The most bytes of frames in one request; less than the server's message limit. */
const REQUEST_BYTES = 1024 * 1024;

export interface Batch<F> {
  /** The number of the first frame; the session's first frame is number 1. */
  first: bigint;
  frames: readonly F[];
}

export class FrameQueue<F> {
  readonly #size: (frame: F) => number;
  #frames: F[] = [];
  #first = 1n;
  #inFlight = false;

  constructor(size: (frame: F) => number) {
    this.#size = size;
  }

  get length(): number {
    return this.#frames.length;
  }

  push(frames: readonly F[]): void {
    this.#frames.push(...frames);
  }

  /** The next request, or undefined while one is in flight or nothing waits. */
  take(): Batch<F> | undefined {
    if (this.#inFlight || this.#frames.length === 0) return undefined;
    this.#inFlight = true;
    return { first: this.#first, frames: this.#frames.slice(0, this.#fitting()) };
  }

  /** The server has received all frames up to number `received`. */
  confirmed(received: bigint): void {
    this.#inFlight = false;
    const done = Number(received - this.#first) + 1;
    if (done <= 0) return;
    this.#frames = this.#frames.slice(done);
    this.#first += BigInt(done);
  }

  /** The request failed; its frames stay in the queue. */
  failed(): void {
    this.#inFlight = false;
  }

  #fitting(): number {
    let bytes = 0;
    let count = 0;
    for (const frame of this.#frames) {
      bytes += this.#size(frame);
      // A single frame above the limit is sent alone: the server decides on it.
      if (count > 0 && bytes > REQUEST_BYTES) break;
      count++;
    }
    return count;
  }
}

// The number of unread notices, kept by the events of the stream.
//
// Invariant: a notice counts once, whether the server counted it or the stream brought it.

/** The most that is counted; the server counts no further either. */
export const UNREAD_MOST = 100;

export class UnreadNotices {
  /** What the server has counted up to a number. */
  #base = { through: 0n, count: 0 };
  /** The numbers of newer notices. */
  #later: readonly bigint[] = [];

  get count(): number {
    return Math.min(UNREAD_MOST, this.#base.count + this.#later.length);
  }

  /** The server has counted: all notices up to `through` are among them. */
  begin(through: bigint, count: number): void {
    this.#base = { through, count };
    this.#later = this.#later.filter((number) => number > through);
  }

  /** A notice is new. */
  add(number: bigint): void {
    if (number <= this.#base.through || this.#later.includes(number)) return;
    this.#later = [...this.#later, number].slice(-UNREAD_MOST);
  }

  /** Notices are read up to `through`; `count` is what the server counts after it. */
  read(through: bigint, count: number): void {
    if (through < this.#base.through) {
      this.#base.count = Math.max(0, count - this.#later.length);
      return;
    }
    this.begin(through, 0);
  }
}

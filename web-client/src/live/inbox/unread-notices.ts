// The number of unread notices, kept by the events of the stream.
//
// Invariant: a notice counts once, whether the server counted it or the stream brought it.

/** The most that is counted; the server counts no further either. */
export const UNREAD_MOST = 100;

/** What the server has counted. */
export interface Counted {
  /** All notices up to this number are read. */
  read: bigint;
  /** Notices after it. */
  unread: number;
}

export class UnreadNotices {
  /** What the server has counted up to a number. */
  #base = { through: 0n, count: 0 };
  /** The numbers of newer notices. */
  #later: readonly bigint[] = [];
  /** All notices up to this number are read. It never goes back. */
  #read = 0n;

  get count(): number {
    return Math.min(UNREAD_MOST, this.#base.count + this.#later.length);
  }

  get readThrough(): bigint {
    return this.#read;
  }

  /** The server has counted what is unread of the notices up to `through`. */
  begin(through: bigint, { read, unread }: Counted): void {
    this.#base = { through, count: unread };
    this.#later = this.#later.filter((number) => number > through);
    if (read > this.#read) this.#read = read;
  }

  /** A notice is new. */
  add(number: bigint): void {
    if (number <= this.#base.through || this.#later.includes(number)) return;
    this.#later = [...this.#later, number].slice(-UNREAD_MOST);
  }

  /** Notices are read up to `through`; `count` is what the server counts after it. */
  read(through: bigint, count: number): void {
    if (through > this.#read) this.#read = through;
    if (through >= this.#base.through) this.begin(through, { read: through, unread: 0 });
    else this.#base.count = Math.max(0, count - this.#later.length);
  }
}

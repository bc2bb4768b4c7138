// When a draft is written: soon after an edit, not at each one, and at once when the page may go away.
import type { Draft } from "./drafts.ts";

/** Milliseconds between two writes. */
const KEEP_MILLIS = 300;

/** What it needs to know of time and of the page. */
export interface Surroundings {
  /** Calls back after a while; returns how to call it off. */
  after(millis: number, then: () => void): () => void;
  /** Calls back when the page is hidden or left, until it is called off. */
  onLeaving(then: () => void): () => void;
}

export class DraftWriter {
  readonly #draft: Draft;
  readonly #save: () => Uint8Array | undefined;
  readonly #world: Surroundings;
  readonly #unlisten: () => void;
  #cancel: (() => void) | undefined;
  /** Whether there is a draft on disk. */
  #kept: boolean;
  #writing: Promise<void> = Promise.resolve();

  constructor(draft: Draft, save: () => Uint8Array | undefined, world: Surroundings) {
    this.#draft = draft;
    this.#save = save;
    this.#world = world;
    this.#kept = draft.kept !== undefined;
    this.#unlisten = world.onLeaving(() => this.#write());
  }

  /** There may be something to keep, or no longer. */
  changed(pending: number): void {
    if (pending === 0 && !this.#kept) this.#callOff();
    else this.#cancel ??= this.#world.after(KEEP_MILLIS, () => this.#write());
  }

  /** The last word; then the draft is free for others. */
  async close(): Promise<void> {
    this.#unlisten();
    this.#write();
    await this.#writing;
    this.#draft.release();
  }

  #callOff(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #write(): void {
    this.#callOff();
    const bytes = this.#save();
    if (bytes === undefined && !this.#kept) return;
    this.#kept = bytes !== undefined;
    // One after the other, so that the last one is what stays. A disk that refuses keeps nothing.
    this.#writing = this.#writing.then(() => this.#draft.keep(bytes)).catch(() => undefined);
  }
}

// Writes the draft of a sheet: a moment after an edit, not for each edit, and immediately when the person
// hides or leaves the page.
import type { Draft } from "./drafts.ts";

/** Milliseconds between two writes. */
const KEEP_MILLIS = 300;

/** Timers and page events; tests provide their own. */
export interface Environment {
  /** Calls back after a delay; returns a function that cancels the call. */
  after(millis: number, then: () => void): () => void;
  /** Calls back when the person hides or leaves the page; returns a function that unsubscribes. */
  onLeaving(then: () => void): () => void;
}

export class DraftWriter {
  readonly #draft: Draft;
  readonly #save: () => Uint8Array | undefined;
  readonly #environment: Environment;
  readonly #unlisten: () => void;
  #cancel: (() => void) | undefined;
  /** Whether the draft has content on disk. */
  #kept: boolean;
  #writing: Promise<void> = Promise.resolve();

  constructor(draft: Draft, save: () => Uint8Array | undefined, environment: Environment) {
    this.#draft = draft;
    this.#save = save;
    this.#environment = environment;
    this.#kept = draft.kept !== undefined;
    this.#unlisten = environment.onLeaving(() => this.#write());
  }

  /** The number of pending edits may have changed: schedules a write if one is needed. */
  changed(pending: number): void {
    if (pending === 0 && !this.#kept) this.#callOff();
    else this.#cancel ??= this.#environment.after(KEEP_MILLIS, () => this.#write());
  }

  /** Writes a last time and releases the draft. */
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
    // In sequence, so that the last write wins. A failed write is ignored: the next one may succeed.
    this.#writing = this.#writing.then(() => this.#draft.keep(bytes)).catch(() => undefined);
  }
}

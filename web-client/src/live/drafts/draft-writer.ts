// Writes the draft of a sheet: a moment after an edit, not for each edit, and immediately when the person
// hides or leaves the page, or signs out.
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

/** The engine, as far as a draft needs it. */
interface Source {
  /** The state with the edits that are not accepted; undefined without such edits. */
  save(): Uint8Array | undefined;
  pending(): number;
}

/** The writers of the open sheets of this page. */
const writers = new Set<DraftWriter>();

/** Writes the drafts of all open sheets of this page now. */
export async function writeDrafts(): Promise<void> {
  await Promise.all([...writers].map((writer) => writer.write()));
}

export class DraftWriter {
  readonly #draft: Draft;
  readonly #source: Source;
  readonly #environment: Environment;
  readonly #unlisten: () => void;
  #cancel: (() => void) | undefined;
  /** Whether the draft has content on disk. */
  #kept: boolean;
  #writing: Promise<void> = Promise.resolve();

  constructor(draft: Draft, source: Source, environment: Environment) {
    this.#draft = draft;
    this.#source = source;
    this.#environment = environment;
    this.#kept = draft.kept !== undefined;
    this.#unlisten = environment.onLeaving(() => void this.write());
    writers.add(this);
  }

  /** The number of pending edits may have changed: schedules a write if one is needed. */
  changed(pending: number): void {
    if (pending === 0 && !this.#kept) this.#callOff();
    else this.#cancel ??= this.#environment.after(KEEP_MILLIS, () => void this.write());
  }

  /** Writes a last time and releases the draft. */
  async close(): Promise<void> {
    this.#unlisten();
    writers.delete(this);
    await this.write();
    this.#draft.release();
  }

  /** Writes immediately; resolves when it is stored. */
  write(): Promise<void> {
    this.#callOff();
    const bytes = this.#source.save();
    if (bytes === undefined && !this.#kept) return this.#writing;
    this.#kept = bytes !== undefined;
    const saved = bytes && { bytes, edits: this.#source.pending() };
    // In sequence, so that the last write wins. A failed write is ignored: the next one may succeed.
    this.#writing = this.#writing.then(() => this.#draft.keep(saved)).catch(() => undefined);
    return this.#writing;
  }

  #callOff(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

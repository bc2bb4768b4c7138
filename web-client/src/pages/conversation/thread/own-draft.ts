// What a person types on this page in one field: kept in the browser, under a name that this page alone holds.
//
// A running page holds the lock of its draft's name. A page that opens the field adopts the newest draft that no page
// holds: that of a page that was closed, reloaded or has crashed.
// Invariants: no page changes the draft of another one that runs. A draft is adopted into an empty field alone.
import { Store } from "../../../base/store.ts";
import { type Draft, isEmpty, type Kept, NO_DRAFT } from "./kept.ts";

export interface Surroundings {
  /** Holds a name for this page; undefined while another page holds it. `onLost`: another page has taken it over. */
  hold: (name: string, onLost: () => void) => Promise<{ release: () => void } | undefined>;
  newId: () => string;
  now: () => number;
  after: (millis: number, then: () => void) => () => void;
}

/** Milliseconds between the searches for a draft: a page that closes needs a moment to let its draft go. */
export const SEARCH_MILLIS = [300, 3_000, 20_000] as const;
/** The claim of a page that shares nothing with others. */
export const FREE = { release: () => undefined };

export class OwnDraft {
  readonly draft = new Store<Draft>(NO_DRAFT);
  readonly #kept: Kept;
  readonly #around: Surroundings;
  #name: string;
  /** Ends what `start` has begun. */
  #stop: (() => void) | undefined;

  constructor(kept: Kept, around: Surroundings) {
    this.#kept = kept;
    this.#around = around;
    this.#name = kept.draftName(around.newId());
  }

  /** Holds the draft, and adopts one; returns a function that releases it. */
  start(): () => void {
    const ends: (() => void)[] = [];
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      this.#stop = undefined;
      for (const end of ends) end();
    };
    this.#stop = stop;
    const isCurrent = () => !isStopped;
    void this.#holdOwn(ends, isCurrent);
    const search = async (count: number) => {
      await this.#adopt(isCurrent);
      const wait = SEARCH_MILLIS[Math.min(count, SEARCH_MILLIS.length - 1)] ?? 0;
      if (isCurrent()) ends.push(this.#around.after(wait, () => void search(count + 1)));
    };
    void search(0);
    // A later start takes the place of this one when the draft is lost.
    return () => this.#stop?.();
  }

  /** Keeps what the field has now. */
  change(next: Draft): void {
    this.draft.set(next);
    this.#kept.keepDraft(this.#name, next, this.#around.now());
  }

  async #holdOwn(ends: (() => void)[], isCurrent: () => boolean): Promise<void> {
    const claim = await this.#claim(this.#name, () => this.#lost());
    if (claim === undefined) return;
    if (isCurrent()) ends.push(claim.release);
    else claim.release();
  }

  /** While this page was frozen, another one has taken the draft over: this one keeps its text under another name. */
  #lost(): void {
    this.#name = this.#kept.draftName(this.#around.newId());
    this.change(this.draft.get());
    if (this.#stop === undefined) return;
    this.#stop();
    this.start();
  }

  async #claim(name: string, onLost: () => void) {
    // A browser without locks and storage has one page that matters.
    return await this.#around.hold(name, onLost).catch(() => FREE);
  }

  async #adopt(isCurrent: () => boolean): Promise<void> {
    const isFree = () => isCurrent() && isEmpty(this.draft.get());
    for (const name of this.#kept.drafts()) {
      if (!isFree()) return;
      if (name === this.#name) continue;
      const claim = await this.#claim(name, () => undefined);
      if (claim === undefined) continue;
      const found = this.#kept.draft(name);
      if (isFree() && !isEmpty(found)) {
        this.change(found);
        this.#kept.keepDraft(name, NO_DRAFT, 0);
      }
      claim.release();
    }
  }
}

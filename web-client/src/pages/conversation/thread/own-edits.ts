// The changes of sent messages that a person types on this page: kept in the browser, each under a name that this page
// alone holds.
//
// A page that opens the thread adopts the changes that no page holds. Of several changes of one message, the newest has
// the field; the others are texts beside it.
// Invariants: no page changes or ends what another one that runs has typed. A change that is removed from the storage
// elsewhere, because a call of an earlier page has saved it, is gone here, too.
import { Store } from "../../../base/store.ts";
import type { Draft, Edited, Kept } from "./kept.ts";
import { FREE, SEARCH_MILLIS, type Surroundings } from "./own-draft.ts";

export interface OwnEdit {
  name: string;
  number: bigint;
  /** The changed text; undefined while it is that of the message. */
  changed: Edited | undefined;
  /** Whether it has the field of its message. */
  hasField: boolean;
}

interface EditSurroundings extends Surroundings {
  /** Calls back when an item was written or removed, on this page or on another; returns a function that ends it. */
  onChange: (then: () => void) => () => void;
}

/** What this page has of an edit beside its text. */
interface Held {
  release: () => void;
  isStored: boolean;
}

export class OwnEdits {
  readonly edits = new Store<readonly OwnEdit[]>([]);
  readonly #kept: Kept;
  readonly #around: EditSurroundings;
  readonly #held = new Map<string, Held>();
  /** The count of starts: what an earlier one has begun is given up. */
  #start = 0;

  constructor(kept: Kept, around: EditSurroundings) {
    this.#kept = kept;
    this.#around = around;
  }

  /** Adopts what no page holds, now and later; returns a function that lets go of everything. */
  start(): () => void {
    const start = ++this.#start;
    const isCurrent = () => start === this.#start;
    let stopTimer: () => void = () => undefined;
    const search = async (count: number) => {
      await this.#adopt(isCurrent);
      const wait = SEARCH_MILLIS[Math.min(count, SEARCH_MILLIS.length - 1)] ?? 0;
      if (isCurrent()) stopTimer = this.#around.after(wait, () => void search(count + 1));
    };
    void search(0);
    const stopChanges = this.#around.onChange(() => this.#follow());
    return () => {
      this.#start += 1;
      stopTimer();
      stopChanges();
      for (const { release } of this.#held.values()) release();
      this.#held.clear();
      this.edits.set([]);
    };
  }

  /** The edit that has the field of a message. */
  at(number: bigint): OwnEdit | undefined {
    return this.edits.get().find((edit) => edit.hasField && edit.number === number);
  }

  /** Opens the field of a message; one that is open stays. */
  begin(number: bigint): void {
    if (this.at(number) !== undefined) return;
    this.#add(this.#kept.editName(number, this.#around.newId()), number, undefined, true);
  }

  /** Keeps what the field of a message has now. `text`: that of the message. */
  change(number: bigint, { text: next, mentions }: Draft, text: string): void {
    const edit = this.at(number);
    if (edit === undefined) return;
    const base = edit.changed?.base ?? text;
    this.#set(edit.name, next === text ? undefined : { text: next, mentions, base });
  }

  /**
   * The server has saved a text of an edit, which ends unless the person has typed on: here, or on the page that has
   * adopted it. Returns whether it has ended.
   */
  saved(name: string, text: string): boolean {
    const own = this.edits.get().find((edit) => edit.name === name);
    const changed = own === undefined ? this.#kept.edit(name) : own.changed;
    const isEnd = changed === undefined || changed.text === text;
    if (isEnd) this.end(name);
    else if (own !== undefined) this.#set(name, { ...changed, base: text });
    else this.#kept.keepEdit(name, { ...changed, base: text }, this.#around.now());
    return isEnd;
  }

  /** The person drops the edit, or nothing of it is left to save. */
  end(name: string): void {
    const held = this.#held.get(name);
    // Before the item: its removal calls back.
    this.#held.delete(name);
    this.edits.set(this.edits.get().filter((edit) => edit.name !== name));
    this.#kept.keepEdit(name, undefined, 0);
    held?.release();
  }

  #add(name: string, number: bigint, changed: Edited | undefined, hasField: boolean): void {
    this.edits.set([...this.edits.get(), { name, number, changed, hasField }]);
    if (!this.#held.has(name)) void this.#hold(name);
  }

  #set(name: string, changed: Edited | undefined): void {
    this.edits.set(
      this.edits.get().map((edit) => (edit.name === name ? { ...edit, changed } : edit)),
    );
    const held = this.#held.get(name);
    if (held !== undefined) held.isStored = false;
    this.#kept.keepEdit(name, changed, this.#around.now());
    if (held !== undefined) held.isStored = this.#kept.edit(name) !== undefined;
  }

  /** Holds the name of an edit that was begun here. */
  async #hold(name: string): Promise<void> {
    const held: Held = { release: () => undefined, isStored: false };
    this.#held.set(name, held);
    const claim = await this.#claim(name);
    if (claim === undefined) return this.#lost(name);
    if (this.#held.get(name) === held) held.release = claim.release;
    else claim.release();
  }

  async #claim(name: string) {
    // A browser without locks and storage has one page that matters.
    return await this.#around.hold(name, () => this.#lost(name)).catch(() => FREE);
  }

  /** While this page was frozen, another one has taken the edit over: this one keeps its text under another name. */
  #lost(name: string): void {
    const edit = this.edits.get().find((other) => other.name === name);
    this.#held.delete(name);
    if (edit === undefined) return;
    const next = this.#kept.editName(edit.number, this.#around.newId());
    const renamed = (other: OwnEdit) => (other === edit ? { ...edit, name: next } : other);
    this.edits.set(this.edits.get().map(renamed));
    void this.#hold(next);
    this.#set(next, edit.changed);
  }

  async #adopt(isCurrent: () => boolean): Promise<void> {
    for (const { name, number } of this.#kept.edits()) {
      if (!isCurrent()) return;
      if (this.#held.has(name)) continue;
      const claim = await this.#claim(name);
      if (claim === undefined) continue;
      const changed = this.#kept.edit(name);
      if (!isCurrent() || changed === undefined) {
        claim.release();
        continue;
      }
      this.#held.set(name, { release: claim.release, isStored: true });
      this.#add(name, number, changed, this.at(number) === undefined);
    }
  }

  /** A call of an earlier page has saved an edit: the whole, or what it was before the person typed on here. */
  #follow(): void {
    for (const [name, { isStored }] of this.#held) {
      if (!isStored) continue;
      const stored = this.#kept.edit(name);
      if (stored === undefined) this.end(name);
      else this.#rebase(name, stored);
    }
  }

  #rebase(name: string, { base }: Edited): void {
    const own = this.edits.get().find((edit) => edit.name === name);
    if (own?.changed === undefined || own.changed.base === base) return;
    const rebased = { ...own, changed: { ...own.changed, base } };
    this.edits.set(this.edits.get().map((edit) => (edit === own ? rebased : edit)));
  }
}

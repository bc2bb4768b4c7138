// The browser's database for edits that the server does not have: drafts, and edits that it refused.
//
// What it is not: it knows no engine and holds no lock.
// Invariant: nothing that a tab stores outlives the moment when the person discards it, also when the tab stores it
// a moment later.
import { createStore, del, delMany, get, keys, set, update } from "idb-keyval";
import { newId } from "../../base/ids.ts";
import { readItem, writeItem } from "../../base/storage.ts";

const store = createStore("gridloom", "drafts");
/** An item of localStorage, which all tabs share; it changes with each discard. */
const DISCARDS = "gridloom.discards";
/** Discards of this page, for browsers without localStorage. */
let discards = 0;

function mark(): string {
  return `${discards}/${readItem(DISCARDS)}`;
}

/** The start of the names of a sheet's drafts. */
export function draftPrefix(accountId: string, sheetId: string): string {
  return `draft/${accountId}/${sheetId}/`;
}

/** The name of the refused edits of a sheet. */
export function refusedName(accountId: string, sheetId: string): string {
  return `refused/${accountId}/${sheetId}`;
}

/** One stored value. */
export class Slot<T> {
  readonly #name: string;
  readonly #mark = mark();

  constructor(name: string) {
    this.#name = name;
  }

  read(): Promise<T | undefined> {
    return get<T>(this.#name, store);
  }

  /** Stores a value in place of the last one; undefined deletes it. */
  async write(value: T | undefined): Promise<void> {
    if (value !== undefined && !this.#discarded()) await set(this.#name, value, store);
    if (value === undefined || this.#discarded()) await del(this.#name, store);
  }

  /** Changes the value in one transaction, also when several tabs do so. */
  async change(next: (value: T | undefined) => T): Promise<void> {
    if (!this.#discarded()) await update<T>(this.#name, next, store);
    if (this.#discarded()) await del(this.#name, store);
  }

  /** Whether the person has discarded edits since this tab has the slot. */
  #discarded(): boolean {
    return mark() !== this.#mark;
  }
}

/** The names that begin with `prefix`. */
export async function namesFrom(prefix: string): Promise<string[]> {
  return (await keys<string>(store)).filter((name) => name.startsWith(prefix));
}

/** Deletes values. No tab stores them again. */
export async function discard(names: readonly string[]): Promise<void> {
  discards += 1;
  writeItem(DISCARDS, newId());
  await delMany([...names], store);
}

// The messages of the account that are written and not sent, by thread, in all tabs of this browser.
//
// Invariant: a message that is on its way counts only when it has been for longer than usual.
import { keysFrom, readItem } from "../../base/storage.ts";
import { Store } from "../../base/store.ts";
import { textsOf } from "./unsent.ts";

/** A message that is younger may still be on its way. */
export const USUAL_MILLIS = 10_000;

/** The messages of one thread. */
export interface UnsentThread {
  count: number;
  /** The text of the oldest one. */
  text: string;
}

interface Surroundings {
  /** The items whose key begins with a text. */
  items: (prefix: string) => readonly (readonly [key: string, value: string])[];
  now: () => number;
  after: (millis: number, then: () => void) => () => void;
}

interface Item {
  thread: string;
  text: string;
  at: number;
}

function itemOf(thread: string, value: string): Item[] {
  try {
    const { text, at } = JSON.parse(value) as { text?: unknown; at?: unknown };
    return typeof text === "string" && typeof at === "number" ? [{ thread, text, at }] : [];
  } catch {
    return [];
  }
}

export class UnsentMessages {
  /** By the key of the thread (see api/target.ts). */
  readonly threads = new Store<ReadonlyMap<string, UnsentThread>>(new Map());
  readonly #around: Surroundings;
  #account: string | undefined;
  #cancel: () => void = () => undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  follow(accountId: string | undefined): void {
    this.#account = accountId;
    this.look();
  }

  /** Counts again: an item was stored or removed. */
  readonly look = (): void => {
    this.#cancel();
    const { now, after } = this.#around;
    const items = this.#items();
    const isLate = ({ at }: Item) => at + USUAL_MILLIS <= now();
    this.#set(items.filter(isLate));
    const waits = items.filter((item) => !isLate(item)).map(({ at }) => at + USUAL_MILLIS - now());
    if (waits.length > 0) this.#cancel = after(Math.min(...waits), this.look);
  };

  #items(): Item[] {
    if (this.#account === undefined) return [];
    const prefix = `${textsOf(this.#account)}unsent/`;
    const items = this.#around.items(prefix).flatMap(([key, value]) => {
      const name = key.slice(prefix.length);
      return itemOf(name.slice(0, name.lastIndexOf("/")), value);
    });
    return items.sort((a, b) => a.at - b.at);
  }

  #set(items: readonly Item[]): void {
    const next = new Map<string, UnsentThread>();
    for (const { thread, text } of items) {
      const known = next.get(thread);
      next.set(thread, { text: known?.text ?? text, count: (known?.count ?? 0) + 1 });
    }
    const old = this.threads.get();
    const isSame = (key: string, { count, text }: UnsentThread) =>
      old.get(key)?.count === count && old.get(key)?.text === text;
    if (next.size !== old.size || ![...next].every(([key, value]) => isSame(key, value)))
      this.threads.set(next);
  }
}

const listeners = new Set<() => void>();

/** This page has stored or removed a text; other tabs see that by themselves. */
export function unsentChanged(): void {
  for (const listener of listeners) listener();
}

/** Follows the changes of this page and of the other tabs; returns a function that ends it. */
export function onUnsentChange(then: () => void): () => void {
  listeners.add(then);
  addEventListener("storage", then);
  return () => {
    listeners.delete(then);
    removeEventListener("storage", then);
  };
}

/** The items of `localStorage`. */
export function storedItems(prefix: string): [string, string][] {
  return keysFrom(prefix).map((key) => [key, readItem(key) ?? ""]);
}

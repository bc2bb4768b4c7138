// A clock and a storage for the tests of conversations.
import type { Items } from "./kept.ts";

/** Timers that run when the test lets time pass. */
export class Timers {
  #now = 0;
  #waiting: { at: number; then: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(millis: number, then: () => void): () => void {
    const timer = { at: this.#now + millis, then };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== timer);
    };
  }

  pass(millis: number): void {
    const end = this.#now + millis;
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = next.at;
      next.then();
    }
    this.#now = end;
  }
}

/** An empty storage. */
export function items(): Items {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    key: (at) => [...values.keys()][at] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

/** Resolves after all promises that are settled now have called back. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

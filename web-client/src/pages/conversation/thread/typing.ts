// The others who type in a thread, and how often the own typing is reported.
import { Store } from "../../../base/store.ts";
import type { Typing } from "../../../gen/gridloom/v1/notices_pb.ts";

/** Milliseconds after which a person who was not reported again does not type any more. */
export const FORGET_MILLIS = 6_000;
/** Milliseconds between two reports of the own typing. */
export const REPORT_MILLIS = 3_000;

interface Clock {
  now(): number;
  after(millis: number, then: () => void): () => void;
}

interface Typist {
  id: string;
  name: string;
  stop: () => void;
}

export class Typists {
  /** The names of those who type, in the order in which they began. */
  readonly names = new Store<readonly string[]>([]);
  readonly #clock: Clock;
  #typists: readonly Typist[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #set(typists: readonly Typist[]): void {
    this.#typists = typists;
    const names = typists.map(({ name }) => name);
    if (names.join("\n") !== this.names.get().join("\n")) this.names.set(names);
  }

  reported({ personId, personName }: Pick<Typing, "personId" | "personName">): void {
    const stop = this.#clock.after(FORGET_MILLIS, () => this.ended(personId));
    const next = { id: personId, name: personName, stop };
    const at = this.#typists.findIndex(({ id }) => id === personId);
    this.#typists[at]?.stop();
    this.#set(at < 0 ? [...this.#typists, next] : this.#typists.with(at, next));
  }

  /** The person has sent a message, or has not typed for a while. */
  ended(personId: string): void {
    this.#typists.find(({ id }) => id === personId)?.stop();
    this.#set(this.#typists.filter(({ id }) => id !== personId));
  }

  clear(): void {
    for (const { stop } of this.#typists) stop();
    this.#set([]);
  }
}

/** "Ben is typing…" */
export function typingText(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  return names.length === 2 ? `${first} and ${second} are typing…` : "Several people are typing…";
}

/** Passes a call on at most once in `REPORT_MILLIS`. */
export function seldom(now: () => number, report: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - last < REPORT_MILLIS) return;
    last = now();
    report();
  };
}

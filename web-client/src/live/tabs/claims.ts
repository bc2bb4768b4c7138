// Names that one tab of this browser holds at a time, for pages without Web Locks (plain http).
//
// A claim is a record in IndexedDB, whose transactions are atomic among all tabs. A tab that wants a
// name which another one holds asks on a channel whether that tab lives; no answer means that it is
// gone or frozen, and its claim is taken over. A frozen tab learns of that when it runs again.
// Invariants: two tabs that both answer never hold the same name; a claim that fails holds nothing.
import { createStore, update } from "idb-keyval";
import { newId } from "../../base/ids.ts";

/** How long a living tab may take to answer; generous, for one that is busy with a large paste. */
const ANSWER_MILLIS = 2_000;

type Message =
  | { kind: "ask"; tab: string }
  | { kind: "alive"; tab: string }
  | { kind: "taken"; name: string; from: string };

/** What is kept of a claim. */
interface Holder {
  tab: string;
}

export interface Claim {
  release(): void;
}

/** Where claims are kept, and how tabs talk; tests give their own. */
export interface Tabs {
  channel: BroadcastChannel;
  /** Sets the holder of a name if it is `from` now (undefined: nobody); tells the holder after that. */
  exchange(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined>;
}

export class Claims {
  readonly #tabs: Tabs;
  readonly #tab = newId();
  /** What to do when a name is lost to another tab. */
  readonly #held = new Map<string, () => void>();
  readonly #asked = new Map<string, (() => void)[]>();

  constructor(tabs: Tabs) {
    this.#tabs = tabs;
    tabs.channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
  }

  /**
   * Holds a name until it is released; undefined when another tab holds it. With `ask` the tab that is
   * said to hold it must be alive; without, its word of earlier stands.
   */
  async claim(name: string, ask: boolean, onLost: () => void): Promise<Claim | undefined> {
    // A name is held once in each tab, too.
    if (this.#held.has(name)) return undefined;
    this.#held.set(name, onLost);
    try {
      const mine = await this.#take(name, ask);
      if (!mine) this.#held.delete(name);
      return mine ? { release: () => this.#release(name) } : undefined;
    } catch (error) {
      // The claim may be kept all the same: this tab lives and would defend a name that it can't use.
      this.#release(name);
      throw error;
    }
  }

  /** Lets go of all names: the page is left. */
  releaseAll(): void {
    for (const name of [...this.#held.keys()]) this.#release(name);
  }

  async #take(name: string, ask: boolean): Promise<boolean> {
    const holder = await this.#tabs.exchange(name, undefined, this.#tab);
    if (holder === undefined || holder === this.#tab) return true;
    if (!ask || (await this.#lives(holder))) return false;
    if ((await this.#tabs.exchange(name, holder, this.#tab)) !== this.#tab) return false;
    this.#say({ kind: "taken", name, from: holder });
    return true;
  }

  #release(name: string): void {
    if (!this.#held.delete(name)) return;
    // A claim that can't be taken out stands until this tab claims it again, or is gone.
    this.#tabs.exchange(name, this.#tab, undefined).catch(() => undefined);
  }

  #lives(tab: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MILLIS);
      const answered = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#asked.set(tab, [...(this.#asked.get(tab) ?? []), answered]);
      this.#say({ kind: "ask", tab });
    });
  }

  #hear(message: Message): void {
    if (message.kind === "ask" && message.tab === this.#tab)
      this.#say({ kind: "alive", tab: this.#tab });
    if (message.kind === "alive") {
      for (const answered of this.#asked.get(message.tab) ?? []) answered();
      this.#asked.delete(message.tab);
    }
    if (message.kind === "taken" && message.from === this.#tab) {
      const onLost = this.#held.get(message.name);
      this.#held.delete(message.name);
      onLost?.();
    }
  }

  #say(message: Message): void {
    this.#tabs.channel.postMessage(message);
  }
}

/** This browser's tabs. Throws where the browser lets pages keep nothing. */
export function browserTabs(): Tabs {
  const store = createStore("gridloom-tabs", "claims");
  return {
    channel: new BroadcastChannel("gridloom-claims"),
    async exchange(name, from, to) {
      let now: string | undefined;
      const next = (old: Holder | undefined) => {
        now = old?.tab === from ? to : old?.tab;
        return now === undefined ? undefined : { tab: now };
      };
      await update<Holder | undefined>(name, next, store);
      return now;
    },
  };
}

// Exclusive names for the tabs of one browser, on pages without Web Locks (plain http).
//
// A claim is a record in IndexedDB, whose transactions are atomic across tabs. To claim a name that another
// tab holds, a tab asks on a channel whether the holder is alive. Without an answer it takes the name over,
// because the holder is closed or frozen. A frozen holder receives the message when it runs again.
// Invariants: two tabs that both answer never hold the same name. A failed claim holds no name.
import { createStore, update } from "idb-keyval";
import { newId } from "../../base/ids.ts";

/** How long a live tab may take to answer; a tab that is busy with a large paste answers late. */
const ANSWER_MILLIS = 2_000;

type Message =
  | { kind: "ask"; tab: string }
  | { kind: "alive"; tab: string }
  | { kind: "taken"; name: string; from: string };

/** The stored record of a claim. */
interface Holder {
  tab: string;
}

export interface Claim {
  release(): void;
}

/** The storage of claims and the channel between tabs; tests provide their own. */
export interface Tabs {
  channel: BroadcastChannel;
  /** Sets the holder of a name to `to` if it is `from` (undefined: no holder). Returns the holder after that. */
  compareAndSwap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined>;
}

export class Claims {
  readonly #tabs: Tabs;
  readonly #tab = newId();
  /** The names that this tab holds, each with its callback for a takeover. */
  readonly #held = new Map<string, () => void>();
  readonly #asked = new Map<string, (() => void)[]>();

  constructor(tabs: Tabs) {
    this.#tabs = tabs;
    tabs.channel.onmessage = ({ data }: MessageEvent<Message>) => this.#onMessage(data);
  }

  /**
   * Holds a name until it is released; undefined when another tab holds it. With `ask`, a holder that does not
   * answer loses the name; without it, the stored record decides.
   */
  async claim(name: string, ask: boolean, onLost: () => void): Promise<Claim | undefined> {
    // Within one tab, too, a name has one holder.
    if (this.#held.has(name)) return undefined;
    this.#held.set(name, onLost);
    try {
      const mine = await this.#take(name, ask);
      if (!mine) this.#held.delete(name);
      return mine ? { release: () => this.#release(name) } : undefined;
    } catch (error) {
      // The record may be stored in spite of the error; this live tab would then block the name.
      this.#release(name);
      throw error;
    }
  }

  /** Releases all names, when the person leaves the page. */
  releaseAll(): void {
    for (const name of [...this.#held.keys()]) this.#release(name);
  }

  async #take(name: string, ask: boolean): Promise<boolean> {
    const holder = await this.#tabs.compareAndSwap(name, undefined, this.#tab);
    if (holder === undefined || holder === this.#tab) return true;
    if (!ask || (await this.#lives(holder))) return false;
    if ((await this.#tabs.compareAndSwap(name, holder, this.#tab)) !== this.#tab) return false;
    this.#post({ kind: "taken", name, from: holder });
    return true;
  }

  #release(name: string): void {
    if (!this.#held.delete(name)) return;
    // A record that can't be removed stays until this tab claims the name again, or is closed.
    this.#tabs.compareAndSwap(name, this.#tab, undefined).catch(() => undefined);
  }

  #lives(tab: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MILLIS);
      const answered = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#asked.set(tab, [...(this.#asked.get(tab) ?? []), answered]);
      this.#post({ kind: "ask", tab });
    });
  }

  #onMessage(message: Message): void {
    if (message.kind === "ask" && message.tab === this.#tab)
      this.#post({ kind: "alive", tab: this.#tab });
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

  #post(message: Message): void {
    this.#tabs.channel.postMessage(message);
  }
}

/** The storage and channel of this browser. Throws in a browser without storage. */
export function browserTabs(): Tabs {
  const store = createStore("gridloom-tabs", "claims");
  return {
    channel: new BroadcastChannel("gridloom-claims"),
    async compareAndSwap(name, from, to) {
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

// When this page may hold a stream: browsers open six connections to a server over HTTP/1.1, for all
// tabs together, and a stream takes one for as long as it lasts.
//
// At most four tabs hold a stream; the others take turns with them. A tab with unsaved edits, or with
// nothing to show yet, goes first; a hidden tab gives way first. Over HTTP/2 all
// streams share one connection, and only hidden pages pause.
// Invariant: a stream is never taken from a tab; the tab gives it up when nothing of its own is unsaved.
import { newId } from "../../base/ids.ts";
import type { Gate, Pass, Pause } from "../connection/link.ts";
import type { Claim } from "./claims.ts";

const STREAMS_MOST = 4;
/** A hidden page keeps its stream for this long. */
const HIDDEN_MILLIS = 30_000;
/** A tab that others wait for keeps its stream for this long, less the time that they have waited. */
const HOLD_MILLIS = 10_000;
const HOLD_LEAST_MILLIS = 3_000;
/** The same when they have unsaved edits. */
const HOLD_URGENT_MILLIS = 1_000;
/** How often a waiting tab asks; also how long one that gave way leaves the others alone. */
const ASK_MILLIS = 500;

/** A waiting tab asks the one that holds a stream; that one offers it when it has let it go. */
type Word =
  | { kind: "want"; stream: string; least: number; from: string }
  | { kind: "offer"; to: string };

/** What a gate needs of the page. */
export interface Surroundings {
  now(): number;
  random(): number;
  after(millis: number, then: () => void): () => void;
  isHidden(): boolean;
  /** Calls back when the page is hidden or shown, until it is called off. */
  onVisibility(then: () => void): () => void;
}

/** How tabs share their streams. */
export interface Shared {
  /** Holds a name, of which each is held by one tab; with `ask` it may be taken from a dead tab. */
  hold(name: string, ask: boolean): Promise<Claim | undefined>;
  channel: BroadcastChannel;
}

/** The stream that this page holds. */
interface Held {
  stream: string;
  since: number;
  recall: () => void;
  /** The tab that asked for it. */
  wantedBy: string | undefined;
  /** Calls off a recall that is to come. */
  cancel: () => void;
}

export class StreamSlots implements Gate {
  readonly #world: Surroundings;
  readonly #shared: Shared | undefined;
  readonly #pressing: () => boolean;
  readonly #unlisten: () => void;
  readonly #tab = newId();
  #closed = false;
  #gaveWay = false;
  /** The page was hidden and is looked at again: what it shows may be old. */
  #stale = false;
  /** Which stream is asked for next: one after the other, so that one tab gives way and not all. */
  #next: number;
  #held: Held | undefined;
  #wake: () => void = () => undefined;

  /** `pressing`: the page has unsaved edits, or nothing to show yet. */
  constructor(world: Surroundings, shared: Shared | undefined, pressing: () => boolean) {
    this.#world = world;
    this.#shared = shared;
    this.#pressing = pressing;
    this.#next = Math.floor(world.random() * STREAMS_MOST);
    this.#unlisten = world.onVisibility(() => this.#seen());
    shared?.channel.addEventListener("message", this.#hear);
  }

  async enter(waiting: (why: Pause) => void, recall: () => void): Promise<Pass | undefined> {
    if (this.#gaveWay) await this.#sleep(ASK_MILLIS * 2);
    this.#gaveWay = false;
    const since = this.#world.now();
    while (!this.#closed) {
      if (this.#world.isHidden() && !this.#pressing()) {
        waiting("hidden");
        await this.#sleep(undefined);
        continue;
      }
      const taken = await this.#take();
      if (taken !== undefined) return this.#hold(taken, recall);
      waiting("crowded");
      this.#want(this.#world.now() - since);
      await this.#sleep(ASK_MILLIS * (1 + this.#world.random()));
    }
    return undefined;
  }

  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#shared?.channel.removeEventListener("message", this.#hear);
    this.#wake();
  }

  /** A free stream, if there is one. Tabs that hold one are asked whether they live only then. */
  async #take(): Promise<{ stream: string; claim: Claim } | undefined> {
    const unshared = { stream: "", claim: { release: () => undefined } };
    if (this.#shared === undefined) return unshared;
    const streams = Array.from({ length: STREAMS_MOST }, (_, n) => `stream/${n}`);
    try {
      for (const stream of streams) {
        const claim = await this.#shared.hold(stream, false);
        if (claim !== undefined) return { stream, claim };
      }
      const stream = streams[this.#next % STREAMS_MOST] ?? "";
      const claim = await this.#shared.hold(stream, true);
      return claim === undefined ? undefined : { stream, claim };
    } catch {
      // A browser that keeps no names for its tabs: each of them does as it likes.
      return unshared;
    }
  }

  #want(waited: number): void {
    const stream = `stream/${this.#next++ % STREAMS_MOST}`;
    const patient = Math.max(HOLD_LEAST_MILLIS, HOLD_MILLIS - waited);
    const least = this.#stale || this.#pressing() ? HOLD_URGENT_MILLIS : patient;
    this.#say({ kind: "want", stream, least, from: this.#tab });
  }

  #hold({ stream, claim }: { stream: string; claim: Claim }, recall: () => void): Pass | undefined {
    if (this.#closed) {
      claim.release();
      return undefined;
    }
    const since = this.#world.now();
    const held: Held = { stream, since, recall, wantedBy: undefined, cancel: () => undefined };
    this.#held = held;
    this.#stale = false;
    if (this.#world.isHidden()) this.#recallAfter(HIDDEN_MILLIS);
    const leave = () => {
      held.cancel();
      if (this.#held === held) this.#held = undefined;
      claim.release();
      if (held.wantedBy !== undefined) this.#say({ kind: "offer", to: held.wantedBy });
    };
    return { leave };
  }

  /** The page was hidden or shown. */
  #seen(): void {
    if (this.#world.isHidden()) this.#recallAfter(HIDDEN_MILLIS);
    else {
      this.#stale = this.#held === undefined;
      this.#held?.cancel();
      this.#wake();
    }
  }

  readonly #hear = ({ data }: MessageEvent<Word>): void => {
    if (data.kind === "offer") {
      if (data.to === this.#tab) this.#wake();
      return;
    }
    const held = this.#held;
    if (held?.stream !== data.stream || held.wantedBy !== undefined) return;
    if (!this.#world.isHidden() && this.#world.now() < held.since + data.least) return;
    this.#gaveWay = true;
    held.wantedBy = data.from;
    held.recall();
  };

  #say(word: Word): void {
    this.#shared?.channel.postMessage(word);
  }

  #recallAfter(millis: number): void {
    const held = this.#held;
    if (held === undefined) return;
    held.cancel();
    held.cancel = this.#world.after(millis, () => held.recall());
  }

  /** Waits for so long, or until something has changed. */
  #sleep(millis: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = millis === undefined ? () => undefined : this.#world.after(millis, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

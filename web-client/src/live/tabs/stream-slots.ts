// Decides when this page may hold a stream. Over HTTP/1.1 a browser opens six connections to a server, for all
// tabs together, and each stream occupies one.
//
// Each stream has a name, which one tab holds at a time; the other tabs wait for one of them. A tab with unsaved edits,
// or without content, has priority; a hidden tab is the first to release its stream. Over HTTP/2 all streams share one
// connection, and only hidden pages pause.
// Invariant: no tab takes a stream from another; the holder releases it when its own edits are accepted.
import { newId } from "../../base/ids.ts";
import type { Gate, Pause, Permit } from "../connection/interfaces.ts";
import type { Claim } from "./claims.ts";

/** A hidden page keeps its stream for this long. */
const HIDDEN_MILLIS = 30_000;
/** How long a tab keeps its stream while others wait, minus the time that they have waited. */
const HOLD_MILLIS = 10_000;
const HOLD_LEAST_MILLIS = 3_000;
/** The same when a waiting tab has unsaved edits. */
const HOLD_URGENT_MILLIS = 1_000;
/** How often a waiting tab asks. A tab that has released its stream asks again after twice this time. */
const ASK_MILLIS = 500;

/** want: a waiting tab asks the holder of a stream. offer: the holder has released it for that tab. */
type Message =
  | { kind: "want"; stream: string; least: number; from: string }
  | { kind: "offer"; to: string };

/** Clock, random numbers and page events; tests provide their own. */
export interface Environment {
  now(): number;
  random(): number;
  after(millis: number, then: () => void): () => void;
  isHidden(): boolean;
  /** Calls back when the page is hidden or shown; returns a function that unsubscribes. */
  onVisibility(then: () => void): () => void;
}

/** The names and the channel through which tabs share their streams. */
export interface Shared {
  /** The name of each stream that may be held. */
  names: readonly string[];
  /** Holds an exclusive name; with `ask`, also one whose holder no longer answers. */
  hold(name: string, ask: boolean): Promise<Claim | undefined>;
  channel: BroadcastChannel;
}

/** The stream that this page holds. */
interface Held {
  stream: string;
  since: number;
  revoke: () => void;
  /** The tab that asked for the stream. */
  requestedBy: string | undefined;
  /** Cancels a scheduled revocation. */
  cancel: () => void;
}

export class StreamSlots implements Gate {
  readonly #environment: Environment;
  readonly #shared: Shared | undefined;
  readonly #urgent: () => boolean;
  readonly #unlisten: () => void;
  readonly #tab = newId();
  #closed = false;
  #gaveWay = false;
  /** The page was hidden and is shown again: its content may be out of date. */
  #stale = false;
  /** The stream to ask for next; one at a time, so that one holder releases its stream and not all. */
  #next: number;
  #held: Held | undefined;
  #wake: () => void = () => undefined;

  /** `urgent`: the page has unsaved edits, or no content yet. */
  constructor(environment: Environment, shared: Shared | undefined, urgent: () => boolean) {
    this.#environment = environment;
    this.#shared = shared;
    this.#urgent = urgent;
    this.#next = Math.floor(environment.random() * (shared?.names.length ?? 1));
    this.#unlisten = environment.onVisibility(() => this.#onVisibility());
    shared?.channel.addEventListener("message", this.#onMessage);
  }

  async acquire(waiting: (why: Pause) => void, revoke: () => void): Promise<Permit | undefined> {
    if (this.#gaveWay) await this.#sleep(ASK_MILLIS * 2);
    this.#gaveWay = false;
    const since = this.#environment.now();
    while (!this.#closed) {
      if (this.#environment.isHidden() && !this.#urgent()) {
        waiting("hidden");
        await this.#sleep(undefined);
        continue;
      }
      const taken = await this.#take();
      if (taken !== undefined) return this.#hold(taken, revoke);
      waiting("crowded");
      this.#want(this.#environment.now() - since);
      await this.#sleep(ASK_MILLIS * (1 + this.#environment.random()));
    }
    return undefined;
  }

  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#shared?.channel.removeEventListener("message", this.#onMessage);
    this.#wake();
  }

  /** Takes a free stream. Only when all are held does it check whether one of the holders is still alive. */
  async #take(): Promise<{ stream: string; claim: Claim } | undefined> {
    const unshared = { stream: "", claim: { release: () => undefined } };
    if (this.#shared === undefined) return unshared;
    try {
      for (const stream of this.#shared.names) {
        const claim = await this.#shared.hold(stream, false);
        if (claim !== undefined) return { stream, claim };
      }
      const stream = this.#nextName();
      const claim = await this.#shared.hold(stream, true);
      return claim === undefined ? undefined : { stream, claim };
    } catch {
      // In a browser without storage the tabs can't coordinate: each holds a stream.
      return unshared;
    }
  }

  #nextName(): string {
    const names = this.#shared?.names ?? [];
    return names[this.#next % names.length] ?? "";
  }

  #want(waited: number): void {
    const stream = this.#nextName();
    this.#next += 1;
    const patient = Math.max(HOLD_LEAST_MILLIS, HOLD_MILLIS - waited);
    const least = this.#stale || this.#urgent() ? HOLD_URGENT_MILLIS : patient;
    this.#post({ kind: "want", stream, least, from: this.#tab });
  }

  #hold(
    { stream, claim }: { stream: string; claim: Claim },
    revoke: () => void,
  ): Permit | undefined {
    if (this.#closed) {
      claim.release();
      return undefined;
    }
    const since = this.#environment.now();
    const held: Held = { stream, since, revoke, requestedBy: undefined, cancel: () => undefined };
    this.#held = held;
    this.#stale = false;
    if (this.#environment.isHidden()) this.#revokeAfter(HIDDEN_MILLIS);
    const release = () => {
      held.cancel();
      if (this.#held === held) this.#held = undefined;
      claim.release();
      if (held.requestedBy !== undefined) this.#post({ kind: "offer", to: held.requestedBy });
    };
    return { release };
  }

  /** The page was hidden or shown. */
  #onVisibility(): void {
    if (this.#environment.isHidden()) this.#revokeAfter(HIDDEN_MILLIS);
    else {
      this.#stale = this.#held === undefined;
      this.#held?.cancel();
      this.#wake();
    }
  }

  readonly #onMessage = ({ data }: MessageEvent<Message>): void => {
    if (data.kind === "offer") {
      if (data.to === this.#tab) this.#wake();
      return;
    }
    const held = this.#held;
    if (held?.stream !== data.stream || held.requestedBy !== undefined) return;
    if (!this.#environment.isHidden() && this.#environment.now() < held.since + data.least) return;
    this.#gaveWay = true;
    held.requestedBy = data.from;
    held.revoke();
  };

  #post(message: Message): void {
    this.#shared?.channel.postMessage(message);
  }

  #revokeAfter(millis: number): void {
    const held = this.#held;
    if (held === undefined) return;
    held.cancel();
    held.cancel = this.#environment.after(millis, () => held.revoke());
  }

  /** Waits for a time, or until `#wake` is called. */
  #sleep(millis: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel =
        millis === undefined ? () => undefined : this.#environment.after(millis, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

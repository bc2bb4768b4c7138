// The stream of an account's notices: opened, resumed after its last answer, and opened again after an error.
//
// What it is not: it keeps no notice and counts none. The source is the network, and the gate decides when the page
// may hold a stream.
// Invariants: each numbered event is passed on once and in order. Where events may be missing, `again` comes before
// the next event.
import type { NoticeServiceWatchResponse } from "../../gen/gridloom/v1/notices_pb.ts";
import { backoffMillis } from "../connection/backoff.ts";
import type { Environment, Gate } from "../connection/interfaces.ts";

/** A stream that lasts this long resets the backoff. */
const STEADY_MILLIS = 5_000;

/** The network of the stream. The first answer names the number at which the stream begins. */
export interface NoticeSource {
  open(after: bigint | undefined, signal: AbortSignal): AsyncIterable<NoticeServiceWatchResponse>;
  /** True after an error that only another token ends. */
  isRefused(error: unknown): boolean;
}

/** What the feed reports. */
export interface FeedTarget {
  onEvent(answer: NoticeServiceWatchResponse): void;
  /** Events may be missing: lists must be read again. */
  onAgain(): void;
}

/** Why a stream was aborted without an error. */
const YIELDED = new Error("The page gives its connection away.");
const RENEWED = new Error("The account has another token.");
const OFFLINE = new Error("This computer is offline.");

export class NoticeFeed {
  readonly #environment: Environment;
  readonly #source: NoticeSource;
  readonly #gate: Gate;
  readonly #target: FeedTarget;
  /** The number of the last answer; undefined before the first stream. */
  #last: bigint | undefined;
  #failures = 0;
  /** The server refuses the token. */
  #isRefused = false;
  #stopped = false;
  #abort = new AbortController();
  #wake: (() => void) | undefined;

  constructor(environment: Environment, source: NoticeSource, gate: Gate, target: FeedTarget) {
    this.#environment = environment;
    this.#source = source;
    this.#gate = gate;
    this.#target = target;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const abort = new AbortController();
      this.#abort = abort;
      const permit = await this.#gate.acquire(ignore, () => abort.abort(YIELDED));
      if (permit === undefined) return;
      const error = await this.#hold(abort.signal).finally(() => permit.release());
      if (this.#stopped) return;
      if (error !== YIELDED && error !== RENEWED) await this.#pause(error);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#gate.close();
    this.#abort.abort();
    this.#wake?.();
  }

  /** The account has another token: the stream continues under it. */
  renew(): void {
    this.#isRefused = false;
    this.#abort.abort(RENEWED);
    this.retryNow();
  }

  /** The browser reports that the network is gone. */
  networkLost(): void {
    this.#abort.abort(OFFLINE);
  }

  /** Ends the wait for the next attempt, unless only another token helps. */
  retryNow(): void {
    if (this.#isRefused) return;
    this.#failures = 0;
    this.#wake?.();
  }

  /** Holds one stream; returns the error that ended it, or undefined when the server ended it. */
  async #hold(signal: AbortSignal): Promise<unknown> {
    if (!this.#environment.isOnline()) return OFFLINE;
    const since = this.#environment.now();
    let isFirst = true;
    try {
      for await (const answer of this.#source.open(this.#last, signal)) {
        if (signal.aborted) break;
        this.#receive(answer, isFirst);
        isFirst = false;
      }
      return signal.reason;
    } catch (error) {
      return signal.aborted ? signal.reason : error;
    } finally {
      if (!isFirst && this.#environment.now() - since >= STEADY_MILLIS) this.#failures = 0;
    }
  }

  #receive(answer: NoticeServiceWatchResponse, isFirst: boolean): void {
    const { number, event } = answer;
    const last = this.#last;
    // A stream may begin elsewhere than after the last answer, also before it where a database was restored.
    const isGap = isFirst ? last !== number : event.case === "olderGone";
    const isStart = isFirst || event.case === "started" || event.case === "olderGone";
    if (isStart) this.#last = number;
    else if (number > (last ?? 0n)) this.#last = number;
    // An event that was received before; those without a number are not repeated.
    else if (number !== 0n) return;
    if (isGap) this.#target.onAgain();
    if (event.case !== undefined) this.#target.onEvent(answer);
  }

  async #pause(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#isRefused = this.#source.isRefused(error);
    const { after, random } = this.#environment;
    await new Promise<void>((resolve) => {
      const delay = backoffMillis(this.#failures, random);
      const cancel = this.#isRefused ? ignore : after(delay, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function ignore(): void {
  // A wait of the feed is not shown, and nothing is scheduled for a refused token.
}

// Keeps one sheet's session with the server open: connects, hears, sends, reconnects, resumes.
//
// What it is not: it knows no cells. The engine says what to send and takes what was heard; the port
// is the network; time and chance come from outside, so that tests decide them.
// Invariant: at most one session is open at a time, and the frames of one never reach another.
import { backoffMillis } from "./backoff.ts";
import { FrameQueue } from "./frame-queue.ts";

/** The engine's side: what goes into a session and what comes out of it. */
export interface Core<Hello, In, Out> {
  /** A new session begins: the greeting that opens or resumes it. */
  hello(): Hello;
  /** One frame from the server. */
  receive(frame: In): void;
  /** Frames to send now; asked again after every frame and every edit. */
  outgoing(): Out[];
  /** The session is over; what was not confirmed goes out again in the next one. */
  disconnected(): void;
}

export interface Verdict {
  /** `retry`: the same request may work; `lost`: only a new session will; `final`: nothing will. */
  kind: "retry" | "lost" | "final";
  /** One sentence for a person. */
  text: string;
}

/** The network's side. */
export interface Port<Hello, In, Out> {
  watch(hello: Hello, signal: AbortSignal): AsyncIterable<In>;
  /** Resolves to the number of the last frame that the server has received. */
  send(
    sessionId: string,
    first: bigint,
    frames: readonly Out[],
    signal: AbortSignal,
  ): Promise<bigint>;
  /** The session's name, if this is the frame that opens it. */
  sessionId(frame: In): string | undefined;
  size(frame: Out): number;
  ping(nonce: bigint): Out;
  /** What the end of a session means. */
  judge(error: unknown): Verdict;
  /** What a failed `send` means; `final` is the same as `lost` here. */
  judgeSend(error: unknown): Verdict;
}

/** Time, chance and the browser's word on the network. */
export interface World {
  now(): number;
  random(): number;
  /** Calls back after a while; returns how to call it off. */
  after(millis: number, then: () => void): () => void;
  isOnline(): boolean;
}

export type Phase =
  | { kind: "connecting" }
  | { kind: "online" }
  | { kind: "waiting"; retryAt: number; reason: string }
  | { kind: "closed"; reason: string };

/** Silence for this long is broken by a ping; as long again without an answer ends the session. */
const QUIET_MILLIS = 20_000;
/** A session that held for this long sets the waits back; one that the server drops at once does not. */
const STEADY_MILLIS = 5_000;
/** The core numbers its own pings from 1; these must never look like one of them. */
const FIRST_NONCE = 1n << 32n;
const OFFLINE = "This computer is offline.";
const SILENT = "The server does not answer.";
const ENDED = "The server ended the session.";

/** One session; its `id` is empty until the server has named it. */
interface Session<Out> {
  readonly abort: AbortController;
  readonly queue: FrameQueue<Out>;
  id: string;
  openedAt: number;
}

export class Connection<Hello, In, Out> {
  readonly #core: Core<Hello, In, Out>;
  readonly #port: Port<Hello, In, Out>;
  readonly #world: World;
  readonly #onPhase: (phase: Phase) => void;
  #stopped = false;
  #failures = 0;
  #sendFailures = 0;
  #session: Session<Out> | undefined;
  #wake: (() => void) | undefined;
  #cancelQuiet: (() => void) | undefined;
  #nonce = FIRST_NONCE;

  constructor(
    core: Core<Hello, In, Out>,
    port: Port<Hello, In, Out>,
    world: World,
    onPhase: (phase: Phase) => void,
  ) {
    this.#core = core;
    this.#port = port;
    this.#world = world;
    this.#onPhase = onPhase;
  }

  /** Runs until `stop` or until the server refuses for good. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      if (this.#world.isOnline()) this.#onPhase({ kind: "connecting" });
      const error = this.#world.isOnline() ? await this.#hold() : new Error(OFFLINE);
      if (this.#stopped) return;
      const verdict = this.#port.judge(error);
      if (verdict.kind === "final") {
        this.#onPhase({ kind: "closed", reason: verdict.text });
        return;
      }
      await this.#pause(verdict.text);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#session?.abort.abort();
    this.#wake?.();
  }

  /** Something may wait to be sent. */
  pump(): void {
    const session = this.#session;
    if (session === undefined || session.id === "") return;
    session.queue.push(this.#core.outgoing());
    void this.#send(session);
  }

  /** The browser says that the network went: a half-open stream would only notice much later. */
  networkLost(): void {
    this.#session?.abort.abort(new Error(OFFLINE));
  }

  /** The network is back, or a person does not want to wait. */
  retryNow(): void {
    this.#failures = 0;
    this.#wake?.();
  }

  /** One session from its greeting to its end; returns why it ended. */
  async #hold(): Promise<unknown> {
    const abort = new AbortController();
    const queue = new FrameQueue<Out>((frame) => this.#port.size(frame));
    const session: Session<Out> = { abort, queue, id: "", openedAt: 0 };
    this.#session = session;
    try {
      this.#watchSilence(abort);
      for await (const frame of this.#port.watch(this.#core.hello(), abort.signal)) {
        this.#watchSilence(abort);
        const id = this.#port.sessionId(frame);
        this.#core.receive(frame);
        if (id !== undefined) this.#opened(session, id);
        this.pump();
      }
      return abort.signal.aborted ? abort.signal.reason : new Error(ENDED);
    } catch (error) {
      return abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      this.#cancelQuiet?.();
      this.#session = undefined;
      const held = session.id === "" ? 0 : this.#world.now() - session.openedAt;
      if (held >= STEADY_MILLIS) this.#failures = 0;
      // Also ends a request of this session that may still be on its way.
      abort.abort();
      this.#core.disconnected();
    }
  }

  #opened(session: Session<Out>, id: string): void {
    session.id = id;
    session.openedAt = this.#world.now();
    this.#sendFailures = 0;
    this.#onPhase({ kind: "online" });
  }

  async #send(session: Session<Out>): Promise<void> {
    const batch = session.queue.take();
    if (batch === undefined) return;
    const { signal } = session.abort;
    try {
      const received = await this.#port.send(session.id, batch.first, batch.frames, signal);
      this.#sendFailures = 0;
      session.queue.confirmed(received);
      if (!signal.aborted) await this.#send(session);
    } catch (error) {
      if (signal.aborted) return;
      session.queue.failed();
      // A session that the server no longer knows, or will not hear, is opened afresh.
      if (this.#port.judgeSend(error).kind !== "retry") return session.abort.abort(error);
      this.#sendFailures++;
      const wait = backoffMillis(this.#sendFailures, this.#world.random);
      this.#world.after(wait, () => {
        if (this.#session === session) void this.#send(session);
      });
    }
  }

  #watchSilence(abort: AbortController): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.#world.after(QUIET_MILLIS, () => {
      const session = this.#session;
      if (session !== undefined && session.id !== "") {
        session.queue.push([this.#port.ping(this.#nonce++)]);
        void this.#send(session);
      }
      this.#cancelQuiet = this.#world.after(QUIET_MILLIS, () => abort.abort(new Error(SILENT)));
    });
  }

  #pause(reason: string): Promise<void> {
    this.#failures++;
    const wait = backoffMillis(this.#failures, this.#world.random);
    this.#onPhase({ kind: "waiting", retryAt: this.#world.now() + wait, reason });
    return new Promise((resolve) => {
      const cancel = this.#world.after(wait, () => this.#wake?.());
      this.#wake = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

// Keeps one sheet's session with the server open: connects, hears, sends, reconnects, resumes.
//
// What it is not: it knows no cells. The engine says what to send and takes what was heard; the port
// is the network; time and chance come from outside, so that tests decide them.
// Invariant: at most one session is open at a time, and the frames of one never reach another.
import { backoffMillis } from "./backoff.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { Core, Gate, Pass, Phase, Port, World } from "./link.ts";

/** Silence for this long is broken by a ping; as long again without an answer ends the session. */
const QUIET_MILLIS = 20_000;
/** A session that held for this long sets the waits back; one that the server drops at once does not. */
const STEADY_MILLIS = 5_000;
/** The core numbers its own pings from 1; these must never look like one of them. */
const FIRST_NONCE = 1n << 32n;
const OFFLINE = "This computer is offline.";
const SILENT = "The server does not answer.";
const ENDED = "The server ended the session.";
/** A session that others wait for is left alone for this long after its beginning. */
const SETTLE_MILLIS = 1_000;
/** Why a session ends that makes room for another tab. */
const YIELDED = new Error("Another tab needs the connection.");

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
  readonly #gate: Gate;
  readonly #onPhase: (phase: Phase) => void;
  #stopped = false;
  /** Other tabs need the stream: it is given up once nothing is unsaved. */
  #recalled = false;
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
    gate: Gate,
    onPhase: (phase: Phase) => void,
  ) {
    this.#core = core;
    this.#port = port;
    this.#world = world;
    this.#gate = gate;
    this.#onPhase = onPhase;
  }

  /** Runs until `stop`. After a refusal for good it waits until it is told to try again. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const pass = await this.#enter();
      if (pass === undefined) return;
      const error = await this.#attempt().finally(() => pass.leave());
      if (this.#stopped) return;
      if (error === YIELDED) continue;
      const verdict = this.#port.judge(error);
      if (verdict.kind === "final")
        await this.#park({ kind: "closed", end: verdict.end, reason: verdict.text });
      else await this.#pause(verdict.text);
    }
  }

  /** Waits for the right to hold a stream. */
  #enter(): Promise<Pass | undefined> {
    this.#recalled = false;
    const since = this.#world.now();
    const waiting: Parameters<Gate["enter"]>[0] = (why) =>
      this.#onPhase({ kind: "paused", why, since });
    return this.#gate.enter(waiting, () => {
      this.#recalled = true;
      this.#yieldWhenSaved();
    });
  }

  async #attempt(): Promise<unknown> {
    if (!this.#world.isOnline()) return new Error(OFFLINE);
    this.#onPhase({ kind: "connecting" });
    return await this.#hold();
  }

  #yieldWhenSaved(): void {
    const session = this.#session;
    if (!this.#recalled || session === undefined || session.id === "") return;
    // What a session has to load at its beginning is worth the wait.
    const early = session.openedAt + SETTLE_MILLIS - this.#world.now();
    if (early > 0) this.#world.after(early, () => this.#yieldWhenSaved());
    else if (!this.#core.unsaved()) session.abort.abort(YIELDED);
  }

  stop(): void {
    this.#stopped = true;
    this.#gate.close();
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
        const id = this.#core.receive(frame);
        if (id !== undefined) this.#opened(session, id);
        this.pump();
        this.#yieldWhenSaved();
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
    const cancel = this.#world.after(wait, () => this.#wake?.());
    const retryAt = this.#world.now() + wait;
    return this.#park({ kind: "waiting", retryAt, reason }).finally(cancel);
  }

  /** Does nothing until it is woken. */
  #park(phase: Phase): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
    this.#onPhase(phase);
    return woken;
  }
}

// The connection of one sheet: connects, receives, sends, reconnects and resumes sessions.
//
// What it is not: it knows no cells. The engine produces and consumes the frames, and the port is the network.
// The environment has the clock and random numbers, so that tests control them.
// Invariant: at most one session is open at a time, and its frames are never sent in another session.
import { backoffMillis } from "./backoff.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { Core, Environment, Gate, Permit, Phase, Port } from "./interfaces.ts";

/** After this much silence the connection sends a ping; after as much again, it ends the session. */
const QUIET_MILLIS = 20_000;
/** How often a session of a port that promises frames looks whether it has sent one. */
const KEEP_MILLIS = 10_000;
/** A session that lasts this long resets the backoff; one that the server drops immediately does not. */
const STEADY_MILLIS = 5_000;
/** The first nonce of a ping. The engine numbers its own pings from 1, so the two never collide. */
const FIRST_NONCE = 1n << 32n;
const OFFLINE = "This computer is offline.";
const SILENT = "The server does not answer.";
const ENDED = "The server ended the session.";
/** The shortest time that a session lasts before the connection gives its stream to another tab. */
const LEAST_SESSION_MILLIS = 1_000;
/** The reason for ending a session to give its stream to another tab. */
const YIELDED = new Error("Another tab needs the connection.");

/** One session; its `id` is empty until the server has sent it. */
interface Session<Out> {
  readonly abort: AbortController;
  readonly queue: FrameQueue<Out>;
  id: string;
  openedAt: number;
  sentAt: number;
  /** The token that it runs under. */
  token: string;
}

export class Connection<Hello, In, Out> {
  readonly #core: Core<Hello, In, Out>;
  readonly #port: Port<Hello, In, Out>;
  readonly #environment: Environment;
  readonly #gate: Gate;
  readonly #onPhase: (phase: Phase) => void;
  #stopped = false;
  /** True when another tab needs the stream: the session ends when all edits are accepted. */
  #revoked = false;
  #failures = 0;
  #sendFailures = 0;
  #session: Session<Out> | undefined;
  #wake: (() => void) | undefined;
  #cancelQuiet: (() => void) | undefined;
  #nonce = FIRST_NONCE;

  constructor(
    core: Core<Hello, In, Out>,
    port: Port<Hello, In, Out>,
    environment: Environment,
    gate: Gate,
    onPhase: (phase: Phase) => void,
  ) {
    this.#core = core;
    this.#port = port;
    this.#environment = environment;
    this.#gate = gate;
    this.#onPhase = onPhase;
  }

  /** Runs until `stop`. After a final error it waits for `retryNow`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const permit = await this.#enter();
      if (permit === undefined) return;
      const error = await this.#attempt().finally(() => permit.release());
      if (this.#stopped) return;
      if (error === YIELDED) continue;
      const found = this.#port.classify(error);
      if (found.kind === "final")
        await this.#park({ kind: "closed", end: found.end, reason: found.text });
      else await this.#pause(found.text);
    }
  }

  /** Waits for a permit to hold a stream. */
  #enter(): Promise<Permit | undefined> {
    this.#revoked = false;
    const since = this.#environment.now();
    const waiting: Parameters<Gate["acquire"]>[0] = (why) =>
      this.#onPhase({ kind: "paused", why, since });
    return this.#gate.acquire(waiting, () => {
      this.#revoked = true;
      this.#yieldWhenSaved();
    });
  }

  async #attempt(): Promise<unknown> {
    if (!this.#environment.isOnline()) return new Error(OFFLINE);
    this.#onPhase({ kind: "connecting" });
    return await this.#hold();
  }

  #yieldWhenSaved(): void {
    const session = this.#session;
    if (!this.#revoked || session === undefined || session.id === "") return;
    // A new session first loads the sheet; ending it before that would waste the work.
    const early = session.openedAt + LEAST_SESSION_MILLIS - this.#environment.now();
    if (early > 0) this.#environment.after(early, () => this.#yieldWhenSaved());
    else if (!this.#core.unsaved()) session.abort.abort(YIELDED);
  }

  stop(): void {
    this.#stopped = true;
    this.#gate.close();
    this.#session?.abort.abort();
    this.#wake?.();
  }

  /** Sends the frames that the engine has ready. */
  pump(): void {
    const session = this.#session;
    if (session === undefined || session.id === "") return;
    session.queue.push(this.#core.outgoing());
    void this.#send(session);
  }

  /** Continues the session under the present token of its account, if that is another one. */
  refresh(): void {
    const session = this.#session;
    const token = this.#port.token();
    if (session === undefined || session.id === "" || session.token === token) return;
    session.token = token;
    session.queue.push([this.#port.refresh(token)]);
    void this.#send(session);
  }

  /** The browser reports that the network is gone; a half-open stream would notice only much later. */
  networkLost(): void {
    this.#session?.abort.abort(new Error(OFFLINE));
  }

  /** Ends the wait for the next attempt: the network is back, or the person asks for it. */
  retryNow(): void {
    this.#failures = 0;
    this.#wake?.();
  }

  /** Runs one session from its `Hello` to its end; returns the error that ended it. */
  async #hold(): Promise<unknown> {
    const abort = new AbortController();
    const queue = new FrameQueue<Out>((frame) => this.#port.size(frame));
    const token = this.#port.token();
    const session: Session<Out> = { abort, queue, id: "", openedAt: 0, sentAt: 0, token };
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
      const held = session.id === "" ? 0 : this.#environment.now() - session.openedAt;
      if (held >= STEADY_MILLIS) this.#failures = 0;
      // Also cancels a request of this session that is still in flight.
      abort.abort();
      this.#core.disconnected();
    }
  }

  #opened(session: Session<Out>, id: string): void {
    session.id = id;
    session.openedAt = this.#environment.now();
    this.#sendFailures = 0;
    this.#onPhase({ kind: "online" });
    if (this.#port.promisesFrames) this.#keep(session);
    this.refresh();
  }

  /** Sends a ping where the session has sent nothing for a while: at least every 20 s it sends something. */
  #keep(session: Session<Out>): void {
    this.#environment.after(KEEP_MILLIS, () => {
      if (this.#session !== session) return;
      if (this.#environment.now() - session.sentAt >= KEEP_MILLIS) this.#ping(session);
      this.#keep(session);
    });
  }

  #ping(session: Session<Out>): void {
    session.queue.push([this.#port.ping(this.#nonce++)]);
    void this.#send(session);
  }

  async #send(session: Session<Out>): Promise<void> {
    const batch = session.queue.take();
    if (batch === undefined) return;
    session.sentAt = this.#environment.now();
    const { signal } = session.abort;
    try {
      const received = await this.#port.send(session.id, batch.first, batch.frames, signal);
      this.#sendFailures = 0;
      session.queue.confirmed(received);
      if (!signal.aborted) await this.#send(session);
    } catch (error) {
      if (signal.aborted) return;
      session.queue.failed();
      // A session that the server no longer knows, or refuses, is replaced by a new one.
      if (this.#port.classifySend(error).kind !== "retry") return session.abort.abort(error);
      this.#sendFailures++;
      const wait = backoffMillis(this.#sendFailures, this.#environment.random);
      this.#environment.after(wait, () => {
        if (this.#session === session) void this.#send(session);
      });
    }
  }

  #watchSilence(abort: AbortController): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = this.#environment.after(QUIET_MILLIS, () => {
      const session = this.#session;
      if (session !== undefined && session.id !== "") this.#ping(session);
      this.#cancelQuiet = this.#environment.after(QUIET_MILLIS, () =>
        abort.abort(new Error(SILENT)),
      );
    });
  }

  #pause(reason: string): Promise<void> {
    this.#failures++;
    const wait = backoffMillis(this.#failures, this.#environment.random);
    const cancel = this.#environment.after(wait, () => this.#wake?.());
    const retryAt = this.#environment.now() + wait;
    return this.#park({ kind: "waiting", retryAt, reason }).finally(cancel);
  }

  /** Reports a phase and waits until it is woken. */
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

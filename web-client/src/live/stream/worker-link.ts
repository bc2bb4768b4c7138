// A tab's link to the worker that holds the stream of all tabs.
//
// What it is not: it interprets no frame. Invariants: each open session receives its messages in order. A worker that
// does not answer is replaced, and its sessions fail, so that they are opened again.
import type { ToTab, ToWorker } from "./messages.ts";

/** A message of one session, or of the notices. */
export type SessionMessage = Extract<ToTab, { key: number }>;

/** How often a tab with open sessions checks the worker, which asks every 10 s. */
const CHECK_MILLIS = 10_000;
export const WORKER_SILENT_MILLIS = 35_000;
/** Bytes of frames after which a tab reports what it has processed. */
const REPORT_BYTES = 64 * 1024;

const LOST = "The connection was lost.";

/** An error after which a session is opened again. */
export const lostError = (message = LOST): Error => new Error(message);

/** The tab's end of the worker's port; tests provide their own. */
export interface WorkerPort {
  onmessage: ((event: MessageEvent<ToTab>) => void) | null;
  postMessage(message: ToWorker): void;
  close(): void;
}

export interface LinkEnvironment {
  /** Connects to the worker, which the browser starts if none runs. `onFailure`: its file does not load. */
  connect(onFailure: () => void): WorkerPort;
  now(): number;
  after(millis: number, then: () => void): () => void;
  /** The Web Lock that the page holds as long as it lives; undefined without Web Locks. */
  lock: Promise<string> | undefined;
}

/** The messages of one session, or of the notices, that are not processed yet. */
export class Inbox {
  readonly #waiting: SessionMessage[] = [];
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => undefined;

  push(message: SessionMessage): void {
    this.#waiting.push(message);
    this.#wake();
  }

  /** The next read rejects with this error; what waits is discarded. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  async next(): Promise<SessionMessage> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const message = this.#waiting.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

interface Opened {
  key: number;
  inbox: Inbox;
}

export class WorkerLink {
  readonly #environment: LinkEnvironment;
  readonly #inboxes = new Map<number, Inbox>();
  readonly #processed = new Map<number, number>();
  #port: WorkerPort | undefined;
  #failed = false;
  #lastKey = 0;
  #receivedAt = 0;
  #cancelCheck: (() => void) | undefined;

  constructor(environment: LinkEnvironment) {
    this.#environment = environment;
  }

  /** True when the browser could not start the worker. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Opens a session under a token. */
  open(token: string): Opened {
    return this.#open((key) => ({ kind: "open", key, token }));
  }

  /** Opens the notices of a token; `after`: the number of the last one that was received. */
  openNotices(token: string, after: number | undefined): Opened {
    return this.#open((key) => ({ kind: "notices", key, token, after }));
  }

  #open(message: (key: number) => ToWorker): Opened {
    const key = ++this.#lastKey;
    const inbox = new Inbox();
    this.#inboxes.set(key, inbox);
    this.#port ??= this.#connect();
    this.#cancelCheck ??= this.#environment.after(CHECK_MILLIS, () => this.#check());
    this.#port.postMessage(message(key));
    return { key, inbox };
  }

  /** The session has ended on the side of the tab. */
  close(key: number): void {
    if (!this.#inboxes.delete(key)) return;
    this.#processed.delete(key);
    this.#port?.postMessage({ kind: "close", key });
  }

  /** Another token has taken the place of one: the sessions under that continue. */
  renewed(from: string, to: string): void {
    this.#port?.postMessage({ kind: "renewed", from, to });
  }

  /** The tab has processed so many bytes of frames. */
  read(key: number, bytes: number): void {
    const processed = (this.#processed.get(key) ?? 0) + bytes;
    const report = processed >= REPORT_BYTES;
    if (report) this.#port?.postMessage({ kind: "read", key, bytes: processed });
    this.#processed.set(key, report ? 0 : processed);
  }

  /** The person leaves the page. If it comes back from the history of the browser, its sessions have ended. */
  leave(): void {
    this.#port?.postMessage({ kind: "leave" });
  }

  #connect(): WorkerPort {
    const port = this.#environment.connect(() => {
      this.#failed = true;
      this.#replace();
    });
    this.#receivedAt = this.#environment.now();
    port.onmessage = ({ data }) => {
      if (this.#port !== port) return;
      this.#receivedAt = this.#environment.now();
      if (data.kind === "ask") port.postMessage({ kind: "alive" });
      else this.#inboxes.get(data.key)?.push(data);
    };
    void this.#environment.lock?.then((name) => port.postMessage({ kind: "lock", name }));
    return port;
  }

  #check(): void {
    this.#cancelCheck = undefined;
    if (this.#inboxes.size === 0) return;
    const silent = this.#environment.now() - this.#receivedAt;
    if (silent > WORKER_SILENT_MILLIS) this.#replace();
    if (this.#inboxes.size > 0)
      this.#cancelCheck = this.#environment.after(CHECK_MILLIS, () => this.#check());
  }

  #replace(): void {
    // A worker that was only slow ends the sessions at once.
    this.leave();
    this.#port?.close();
    this.#port = undefined;
    const inboxes = [...this.#inboxes.values()];
    this.#inboxes.clear();
    this.#processed.clear();
    for (const inbox of inboxes) inbox.fail(lostError());
  }
}

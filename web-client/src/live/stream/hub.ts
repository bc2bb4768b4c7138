// The stream of all tabs of a browser: one connection of `Connect`, and the sessions of the tabs on it.
//
// What it is not: it opens no session and sends no frame. A tab attaches its own sessions and sends their frames; the
// hub passes on what the server sends, and detaches the sessions of tabs that are gone.
// Invariants: a frame reaches the tab of its session alone, in order. A session that ends has one `end`.
import type { StreamEnd, ToTab, ToWorker } from "./messages.ts";
import { connectFrame, fields, numberOf, request, textOf } from "./wire.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How often the hub asks each tab whether it lives, and keeps the connection. */
export const ASK_MILLIS = 10_000;
/**
 * A tab that has not answered for this long is gone, at the next question: its sessions end at most 25 s after its last
 * answer. A tab that was frozen or busy opens its sessions again when it runs, and resumes them.
 */
export const ANSWER_MILLIS = 15_000;
/** A stream without a frame for this long has failed; the server ends it after the same time without a call. */
export const SILENT_MILLIS = 30_000;
/** How long the connection stays open without a session. */
export const IDLE_MILLIS = 5_000;
/** Bytes of frames that a tab has not processed; above the largest frame of the server. */
export const UNREAD_BYTES_MOST = 96 * 1024 * 1024;

const NOT_FOUND = 5;
const UNAUTHENTICATED = 16;
const NONE = new Uint8Array();

/** The worker's end of a tab's port. */
export interface TabPort {
  postMessage(message: ToTab, transfer?: Transferable[]): void;
}

/** Network, clock and locks; tests provide their own. */
export interface HubEnvironment {
  now(): number;
  after(millis: number, then: () => void): () => void;
  call(
    method: "Connect" | "Detach" | "KeepConnection",
    token: string,
    request: Bytes,
    signal: AbortSignal,
    onMessage: (message: Bytes) => void,
  ): Promise<StreamEnd>;
  /** Resolves when no page holds the lock any more. */
  released(lock: string): Promise<void>;
}

interface Tab {
  readonly port: TabPort;
  readonly sessions: Map<number, Session>;
  answeredAt: number;
}

interface Session {
  readonly tab: Tab;
  readonly key: number;
  readonly number: number;
  token: string;
  /** The connection on which the tab may have attached it. */
  placed: Connection | undefined;
  unread: number;
}

interface Connection {
  readonly abort: AbortController;
  readonly token: string;
  /** Empty until the server has sent it. */
  id: string;
  receivedAt: number;
}

export class Hub {
  readonly #environment: HubEnvironment;
  readonly #tabs = new Set<Tab>();
  /** By their numbers on the connection, which are not used twice. */
  readonly #sessions = new Map<number, Session>();
  /** The numbers whose `Detach` has no answer yet. */
  readonly #detaching = new Set<number>();
  #connection: Connection | undefined;
  #lastNumber = 0;
  #nonce = 0;
  /** The next question is scheduled. */
  #asks = false;
  #cancelIdle: (() => void) | undefined;

  constructor(environment: HubEnvironment) {
    this.#environment = environment;
  }

  /** A tab connects. Returns the receiver of its messages. */
  connect(port: TabPort): (message: ToWorker) => void {
    const tab: Tab = { port, sessions: new Map(), answeredAt: 0 };
    return (message) => this.#onMessage(tab, message);
  }

  #onMessage(tab: Tab, message: ToWorker): void {
    if (message.kind === "leave") {
      this.#leave(tab);
      return;
    }
    tab.answeredAt = this.#environment.now();
    this.#tabs.add(tab);
    this.#askLater();
    if (message.kind === "open") this.#open(tab, message.key, message.token);
    else if (message.kind === "lock")
      void this.#environment.released(message.name).then(() => this.#leave(tab));
    else if (message.kind === "close" || message.kind === "read") {
      const session = tab.sessions.get(message.key);
      if (session === undefined) return;
      if (message.kind === "close") this.#detach(session);
      else session.unread -= message.bytes;
    }
  }

  #open(tab: Tab, key: number, token: string): void {
    const number = ++this.#lastNumber;
    const session: Session = { tab, key, number, token, placed: undefined, unread: 0 };
    tab.sessions.set(key, session);
    this.#sessions.set(number, session);
    this.#cancelIdle?.();
    this.#connection ??= this.#connect(token);
    if (this.#connection.id !== "") this.#place(session, this.#connection);
  }

  #place(session: Session, connection: Connection): void {
    session.placed = connection;
    const { tab, key, number } = session;
    tab.port.postMessage({ kind: "place", key, connectionId: connection.id, session: number });
  }

  #connect(token: string): Connection {
    const { now, call } = this.#environment;
    const abort = new AbortController();
    const connection: Connection = { abort, token, id: "", receivedAt: now() };
    const onMessage = (message: Bytes) => this.#receive(connection, message);
    void call("Connect", token, NONE, abort.signal, onMessage).then((end) =>
      this.#ended(connection, end),
    );
    return connection;
  }

  #receive(connection: Connection, message: Bytes): void {
    if (this.#connection !== connection) return;
    connection.receivedAt = this.#environment.now();
    const frame = connectFrame(message);
    if (frame.kind === "other") return;
    if (frame.kind === "opened") {
      connection.id = frame.connectionId;
      for (const session of this.#sessions.values()) this.#place(session, connection);
      return;
    }
    const session = this.#sessions.get(frame.session);
    if (frame.kind === "end") {
      const status = fields(frame.status);
      const [code, message] = [numberOf(status, 1), textOf(status, 2)];
      if (session !== undefined)
        this.#end(session, { code, message, details: frame.status.slice() });
    } else if (session === undefined) this.#callDetach(connection, frame.session, connection.token);
    else this.#pass(session, frame.bytes.slice());
  }

  #pass(session: Session, bytes: Bytes): void {
    session.unread += bytes.length;
    if (session.unread > UNREAD_BYTES_MOST) {
      this.#detach(session);
      this.#notify(session, lost("This tab was too slow."));
      return;
    }
    session.tab.port.postMessage({ kind: "frame", key: session.key, bytes }, [bytes.buffer]);
  }

  /** The server has ended the connection, or it was cut. */
  #ended(connection: Connection, end: StreamEnd): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    for (const session of [...this.#sessions.values()]) {
      // The connection ends with its own token; a session with another one continues on the next connection.
      const own = session.token === connection.token || end.code !== UNAUTHENTICATED;
      this.#end(session, own ? ofConnection(end) : lost("The connection ended."));
    }
  }

  #end(session: Session, end: StreamEnd): void {
    this.#forget(session);
    this.#notify(session, end);
  }

  #notify({ tab, key }: Session, end: StreamEnd): void {
    tab.port.postMessage({ kind: "end", key, end });
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.number);
    // The tab may use the key again for a session that it opened after this one.
    if (session.tab.sessions.get(session.key) === session) session.tab.sessions.delete(session.key);
    if (this.#sessions.size > 0) return;
    this.#cancelIdle = this.#environment.after(IDLE_MILLIS, () => this.#cut());
  }

  /** Ends a session on the server, too. */
  #detach(session: Session): void {
    this.#forget(session);
    const { placed, number, token } = session;
    if (placed !== undefined && placed === this.#connection)
      this.#callDetach(placed, number, token);
  }

  #callDetach(connection: Connection, number: number, token: string): void {
    if (this.#detaching.has(number)) return;
    this.#detaching.add(number);
    const { signal } = connection.abort;
    const detach = request(connection.id, number);
    const answered = this.#environment.call("Detach", token, detach, signal, ignore);
    // When the call fails, the next frame of the session repeats it.
    void answered.then(() => this.#detaching.delete(number));
  }

  /** The tab is closed, or does not answer. */
  #leave(tab: Tab): void {
    this.#tabs.delete(tab);
    for (const session of [...tab.sessions.values()]) {
      this.#detach(session);
      // For a tab that is only frozen, or that comes back from the history of the browser.
      this.#notify(session, lost("This tab was away."));
    }
  }

  #askLater(): void {
    if (this.#asks) return;
    this.#asks = true;
    this.#environment.after(ASK_MILLIS, () => this.#ask());
  }

  #ask(): void {
    this.#asks = false;
    const now = this.#environment.now();
    for (const tab of [...this.#tabs])
      if (now - tab.answeredAt > ANSWER_MILLIS) this.#leave(tab);
      else tab.port.postMessage({ kind: "ask" });
    if (this.#connection !== undefined) this.#keep(this.#connection);
    if (this.#tabs.size > 0 || this.#connection !== undefined) this.#askLater();
  }

  #keep(connection: Connection): void {
    if (this.#environment.now() - connection.receivedAt >= SILENT_MILLIS) this.#cut();
    if (this.#connection !== connection || connection.id === "") return;
    const { abort, token, id } = connection;
    const kept = request(id, ++this.#nonce);
    const answered = this.#environment.call("KeepConnection", token, kept, abort.signal, ignore);
    void answered.then(({ code }) => {
      // The server does not know the connection any more; the stream may not show it.
      if (code === NOT_FOUND && this.#connection === connection) this.#cut();
    });
  }

  /** Ends the connection; its sessions continue on another one. */
  #cut(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#ended(connection, lost("The server does not answer."));
    connection.abort.abort();
  }
}

function ignore(): void {
  // The answer of the call has no content.
}

/** The end of the connection as the end of a session. */
function ofConnection(end: StreamEnd): StreamEnd {
  return end.code === 0 ? lost("The server ended the connection.") : end;
}

function lost(message: string): StreamEnd {
  return { code: 0, message, details: NONE, why: "lost" };
}

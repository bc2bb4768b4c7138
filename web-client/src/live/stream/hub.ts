// The stream of all tabs of a browser: one connection of `Connect`, with the sessions of the tabs and the notices of
// their accounts on it.
//
// What it is not: it opens no session and sends no frame. A tab attaches its own sessions and sends their frames; the
// hub passes on what the server sends, attaches notices, and detaches what no tab holds any more.
// Invariants: a frame reaches the tab of its session alone, in order. A session that ends has one `end`. Each token has
// one stream of notices, whatever the number of its tabs.
import {
  type Bytes,
  lost,
  type Member,
  NONE,
  type Place,
  REPLACED,
  type Tab,
  type TabPort,
  UNAUTHENTICATED,
} from "./member.ts";
import type { StreamEnd, ToWorker } from "./messages.ts";
import { NoticeMember } from "./notice-member.ts";
import { SessionMember } from "./session-member.ts";
import { connectFrame, fields, numberOf, request, textOf } from "./wire.ts";

/** How often the hub asks each tab whether it lives, and keeps the connection. */
export const ASK_MILLIS = 10_000;
/**
 * A tab that has not answered for this long is gone, at the next question: its sessions end at most 25 s after its last
 * answer. A tab that was frozen or busy opens its sessions again when it runs, and resumes them.
 */
export const ANSWER_MILLIS = 15_000;
/** A stream without a frame for this long has failed; the server ends it after the same time without a call. */
export const SILENT_MILLIS = 30_000;
/** How long the connection of all tabs stays open without a session. */
export const IDLE_MILLIS = 5_000;

const NOT_FOUND = 5;

/** Network, clock and locks; tests provide their own. */
export interface HubEnvironment {
  /** How long the connection stays open without a member. */
  readonly idleMillis: number;
  now(): number;
  after(millis: number, then: () => void): () => void;
  call(
    method: "Connect" | "AttachNotices" | "Detach" | "KeepConnection",
    token: string,
    request: Bytes,
    signal: AbortSignal,
    onMessage: (message: Bytes) => void,
  ): Promise<StreamEnd>;
  /** Resolves when no page holds the lock any more. */
  released(lock: string): Promise<void>;
}

interface Connection {
  readonly abort: AbortController;
  /** The token that it was opened under. */
  readonly token: string;
  /** The token of the calls that keep it. */
  callToken: string;
  /** Empty until the server has sent it. */
  id: string;
  receivedAt: number;
}

export class Hub {
  readonly #environment: HubEnvironment;
  readonly #tabs = new Set<Tab>();
  /** By their numbers on the connection. They end with it. */
  readonly #members = new Map<number, Member>();
  /** By token. */
  readonly #notices = new Map<string, NoticeMember>();
  /** The numbers whose `AttachNotices` has no answer yet: `Detach` comes after it. */
  readonly #attaching = new Set<number>();
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
    const tab: Tab = { port, places: new Map(), answeredAt: 0 };
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
    if (message.kind === "open")
      this.#join(new SessionMember(++this.#lastNumber, message.token, tab, message.key));
    else if (message.kind === "notices")
      this.#joinNotices(tab, message.key, message.token, message.after);
    else if (message.kind === "renewed") this.#renewed(message.from, message.to);
    else if (message.kind === "lock")
      void this.#environment.released(message.name).then(() => this.#leave(tab));
    else if (message.kind === "close" || message.kind === "read") {
      const place = tab.places.get(message.key);
      if (place === undefined) return;
      if (message.kind === "close") this.#close(place);
      else place.read(message.bytes);
    }
  }

  #joinNotices(tab: Tab, key: number, token: string, after: number | undefined): void {
    const present = this.#notices.get(token);
    const member = present ?? new NoticeMember(++this.#lastNumber, token, this.#attach);
    member.join(tab, key, after);
    if (present !== undefined) return;
    this.#notices.set(token, member);
    this.#join(member);
  }

  #join(member: Member): void {
    this.#members.set(member.number, member);
    this.#cancelIdle?.();
    this.#connection ??= this.#connect(member.token);
    if (this.#connection.id !== "") member.place(this.#connection.id);
  }

  /** The connection ends with the old token, and its members continue on another one under the new token. */
  #renewed(from: string, to: string): void {
    const notices = this.#notices.get(from);
    for (const member of this.#members.values()) if (member.token === from) member.token = to;
    const connection = this.#connection;
    if (connection?.callToken === from) connection.callToken = to;
    if (notices === undefined) return;
    this.#notices.delete(from);
    if (!this.#notices.has(to)) this.#notices.set(to, notices);
    else {
      // A tab was late, and joined under the old token: it joins the others.
      this.#detach(notices);
      notices.end(REPLACED);
    }
  }

  readonly #attach = (member: Member, connectionId: string, after: number | undefined): void => {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { number, token } = member;
    const attach = request(connectionId, number, ...(after === undefined ? [] : [after]));
    this.#attaching.add(number);
    const { signal } = connection.abort;
    const answered = this.#environment.call("AttachNotices", token, attach, signal, ignore);
    void answered.then((end) => {
      this.#attaching.delete(number);
      if (this.#connection !== connection) return;
      if (this.#members.get(number) !== member) this.#callDetach(connection, number, member.token);
      else if (end.code === NOT_FOUND) this.#end(member, lost("The connection ended."));
      else if (end.code !== 0) this.#end(member, end);
    });
  };

  #connect(token: string): Connection {
    const { now, call } = this.#environment;
    const abort = new AbortController();
    const connection: Connection = { abort, token, callToken: token, id: "", receivedAt: now() };
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
      for (const member of [...this.#members.values()]) member.place(connection.id);
      return;
    }
    const member = this.#members.get(frame.session);
    if (frame.kind === "end") {
      const status = fields(frame.status);
      const [code, message] = [numberOf(status, 1), textOf(status, 2)];
      if (member !== undefined) this.#end(member, { code, message, details: frame.status.slice() });
    } else if (member === undefined)
      this.#callDetach(connection, frame.session, connection.callToken);
    else if (!member.receive(frame.bytes.slice())) this.#detach(member);
  }

  /** The server has ended the connection, or it was cut. */
  #ended(connection: Connection, end: StreamEnd): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    for (const member of [...this.#members.values()]) {
      // The connection ends with its own token; a member with another one continues on the next connection.
      const own = member.token === connection.token || end.code !== UNAUTHENTICATED;
      this.#end(member, own ? ofConnection(end) : lost("The connection ended."));
    }
  }

  #end(member: Member, end: StreamEnd): void {
    this.#forget(member);
    member.end(end);
  }

  #forget(member: Member): void {
    this.#members.delete(member.number);
    if (this.#notices.get(member.token) === member) this.#notices.delete(member.token);
    if (this.#members.size > 0) return;
    this.#cancelIdle = this.#environment.after(this.#environment.idleMillis, () => this.#cut());
  }

  /** Ends a member on the server, too. */
  #detach(member: Member): void {
    this.#forget(member);
    const { number, token } = member;
    const connection = this.#connection;
    if (connection === undefined || connection.id === "" || this.#attaching.has(number)) return;
    this.#callDetach(connection, number, token);
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

  /** A tab leaves a member. */
  #close(place: Place): void {
    place.close();
    if (!place.member.leave(place)) this.#detach(place.member);
  }

  /** The tab is closed, or does not answer. */
  #leave(tab: Tab): void {
    this.#tabs.delete(tab);
    for (const place of [...tab.places.values()]) {
      this.#close(place);
      // For a tab that is only frozen, or that comes back from the history of the browser.
      place.end(lost("This tab was away."));
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
    const { abort, callToken, id } = connection;
    const kept = request(id, ++this.#nonce);
    const { signal } = abort;
    const answered = this.#environment.call("KeepConnection", callToken, kept, signal, ignore);
    void answered.then(({ code }) => {
      // The server does not know the connection any more; the stream may not show it.
      if (code === NOT_FOUND && this.#connection === connection) this.#cut();
    });
  }

  /** Ends the connection; its members continue on another one. */
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

/** The end of the connection as the end of a member. */
function ofConnection(end: StreamEnd): StreamEnd {
  return end.code === 0 ? lost("The server ended the connection.") : end;
}

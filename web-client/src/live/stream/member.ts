// What a connection carries under a number, and the places of tabs at it.
//
// What it is not: the connection (see hub.ts). Invariant: a place that has ended receives nothing more.
import type { StreamEnd, ToTab } from "./messages.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** The worker's end of a tab's port. */
export interface TabPort {
  postMessage(message: ToTab, transfer?: Transferable[]): void;
}

export interface Tab {
  readonly port: TabPort;
  /** By the keys of the tab. */
  readonly places: Map<number, Place>;
  answeredAt: number;
}

/** The session of a tab, or the notices of an account. */
export interface Member {
  /** Its number on the connection, which is not used twice. */
  readonly number: number;
  /** The token that its calls are made under; another one may take its place. */
  token: string;
  /** The connection is open: the member can be attached. */
  place(connectionId: string): void;
  /** Passes a frame on. False when no tab is left that receives it. */
  receive(bytes: Bytes): boolean;
  /** A tab leaves. False when no tab is left. */
  leave(place: Place): boolean;
  end(end: StreamEnd): void;
}

/** A tab's place at a member: what the tab is sent and has not processed yet. */
export class Place {
  readonly member: Member;
  readonly #tab: Tab;
  readonly #key: number;
  readonly #most: number;
  #unread = 0;

  /** `most`: bytes of frames that the tab may leave unread. */
  constructor(member: Member, tab: Tab, key: number, most: number) {
    this.member = member;
    this.#tab = tab;
    this.#key = key;
    this.#most = most;
    tab.places.set(key, this);
  }

  /** The tab attaches the member. */
  offer(connectionId: string): void {
    const { number: session } = this.member;
    this.#tab.port.postMessage({ kind: "place", key: this.#key, connectionId, session });
  }

  /** Sends a frame. False: the tab has too much unread, and the place has ended. */
  pass(bytes: Bytes): boolean {
    this.#unread += bytes.length;
    if (this.#unread > this.#most) {
      this.end(lost("This tab was too slow."));
      return false;
    }
    this.#tab.port.postMessage({ kind: "frame", key: this.#key, bytes }, [bytes.buffer]);
    return true;
  }

  /** The tab has processed so many bytes. */
  read(bytes: number): void {
    this.#unread -= bytes;
  }

  end(end: StreamEnd): void {
    this.close();
    this.#tab.port.postMessage({ kind: "end", key: this.#key, end });
  }

  close(): void {
    // The tab may use the key again for what it opened after this.
    if (this.#tab.places.get(this.#key) === this) this.#tab.places.delete(this.#key);
  }
}

export const NONE: Bytes = new Uint8Array();
/** The code of an end whose token is not valid. */
export const UNAUTHENTICATED = 16;

/** An end after which the tab continues on another connection. */
export function lost(message: string): StreamEnd {
  return { code: 0, message, details: NONE, why: "lost" };
}

/** The end of a member whose token another one has replaced. */
export const REPLACED = lost("Another token is in use.");

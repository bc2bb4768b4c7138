// The session of one tab on the connection. The tab attaches it, and sends its frames.
import { type Bytes, type Member, Place, type Tab } from "./member.ts";
import type { StreamEnd } from "./messages.ts";

/** Bytes of frames that a tab has not processed; above the largest frame of the server. */
export const UNREAD_BYTES_MOST = 96 * 1024 * 1024;

export class SessionMember implements Member {
  readonly number: number;
  token: string;
  readonly #place: Place;

  constructor(number: number, token: string, tab: Tab, key: number) {
    this.number = number;
    this.token = token;
    this.#place = new Place(this, tab, key, UNREAD_BYTES_MOST);
  }

  place(connectionId: string): void {
    this.#place.offer(connectionId);
  }

  receive(bytes: Bytes): boolean {
    return this.#place.pass(bytes);
  }

  leave(): boolean {
    return false;
  }

  end(end: StreamEnd): void {
    this.#place.end(end);
  }
}

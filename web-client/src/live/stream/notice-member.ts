// The notices of one token on the connection: one member for all tabs of the account.
//
// What it is not: it keeps no notice. A tab that comes later receives where the stream is, and reads its lists.
// Invariant: all tabs receive the same answers in the same order, each from the moment when it came.
import { type Bytes, type Member, Place, REPLACED, type Tab, UNAUTHENTICATED } from "./member.ts";
import type { StreamEnd } from "./messages.ts";
import { fields, noticePoint, numberOf } from "./wire.ts";

/** Bytes of answers that a tab has not processed. */
export const UNREAD_NOTICE_BYTES_MOST = 4 * 1024 * 1024;

/** Calls `AttachNotices`; an error of the call ends the member. */
type Attach = (member: Member, connectionId: string, after: number | undefined) => void;

export class NoticeMember implements Member {
  readonly number: number;
  token: string;
  readonly #attach: Attach;
  readonly #places = new Set<Place>();
  /** Where the stream is; before its first answer, where it is to continue. */
  #point: number | undefined;
  #hasBegun = false;
  /** The token that it is attached under: the server ends it with this one. */
  #attachedUnder = "";

  constructor(number: number, token: string, attach: Attach) {
    this.number = number;
    this.token = token;
    this.#attach = attach;
  }

  /** A tab joins. `after`: the number of the last answer that it has received. */
  join(tab: Tab, key: number, after: number | undefined): void {
    const place = new Place(this, tab, key, UNREAD_NOTICE_BYTES_MOST);
    this.#places.add(place);
    if (this.#hasBegun) place.pass(noticePoint(this.#point ?? 0));
    else this.#point ??= after;
  }

  leave(place: Place): boolean {
    this.#places.delete(place);
    return this.#places.size > 0;
  }

  place(connectionId: string): void {
    this.#attachedUnder = this.token;
    this.#attach(this, connectionId, this.#point);
  }

  receive(bytes: Bytes): boolean {
    const number = numberOf(fields(bytes), 1);
    // What others type has no number.
    if (number > 0) this.#point = number;
    this.#hasBegun = true;
    for (const place of [...this.#places])
      if (!place.pass(bytes.slice())) this.#places.delete(place);
    return this.#places.size > 0;
  }

  end(end: StreamEnd): void {
    const isReplaced = end.code === UNAUTHENTICATED && this.#attachedUnder !== this.token;
    const own = isReplaced ? REPLACED : end;
    for (const place of this.#places) place.end(own);
  }
}

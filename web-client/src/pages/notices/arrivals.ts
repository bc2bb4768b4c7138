// What arrives while the person is elsewhere: shown as short messages on a page in view, or on the desktop.
//
// Invariants: nothing of one's own is shown, nothing of the thread that is open, and nothing that another page of the
// person has read meanwhile. What comes at once is shown at once, as one message where it is much.
import { plural } from "../../base/text.ts";
import { ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import type { NoticeServiceWatchResponse } from "../../gen/gridloom/v1/notices_pb.ts";
import { excerptOf, noticeView, threadPath } from "./notice-text.ts";

/** How long arrivals are collected before they are shown. */
export const COLLECT_MILLIS = 400;
/** The most arrivals that are shown one by one. */
export const SINGLE_MOST = 3;
/** What is older was missed; the counts show it. The clocks of two computers may differ by less. */
export const RECENT_MILLIS = 600_000;

export interface Arrival {
  number: bigint;
  text: string;
  to: string | undefined;
  threadId: string | undefined;
}

/** What a page shows of several arrivals. */
export interface Announcement {
  text: string;
  to: string | undefined;
  /** Equal in all tabs. */
  name: string;
}

export interface ArrivalEnvironment {
  now(): number;
  after(millis: number, then: () => void): () => void;
  /** The addresses of all that the page shows; undefined while the page is hidden. */
  here(): readonly string[] | undefined;
  /** Shows what has arrived, on the page or on the desktop. */
  show(announcement: Announcement): void;
}

export class Arrivals {
  readonly #environment: ArrivalEnvironment;
  #waiting: Arrival[] = [];
  /** The account to which they came. */
  #ownId = "";
  #isScheduled = false;

  constructor(environment: ArrivalEnvironment) {
    this.#environment = environment;
  }

  receive(answer: NoticeServiceWatchResponse, ownId: string): void {
    const { event } = answer;
    if (ownId !== this.#ownId) this.#waiting = [];
    this.#ownId = ownId;
    if (event.case === "threadRead")
      this.#waiting = this.#waiting.filter(({ threadId }) => threadId !== event.value.threadId);
    if (event.case === "noticesRead")
      this.#waiting = this.#waiting.filter(({ number }) => number > event.value.through);
    const arrival = arrivalOf(answer, ownId, this.#environment.now());
    if (arrival === undefined) return;
    this.#waiting.push(arrival);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#environment.after(COLLECT_MILLIS, () => this.#show());
  }

  #show(): void {
    this.#isScheduled = false;
    const here = this.#environment.here();
    const arrived = this.#waiting.filter(({ to }) => here === undefined || !isOpen(to, here));
    this.#waiting = [];
    const [last] = arrived.slice(-1);
    if (last === undefined) return;
    if (arrived.length > SINGLE_MOST) {
      const text = `${plural(arrived.length, "new notice")}, the last one: ${last.text}`;
      this.#environment.show({ text, to: last.to, name: String(last.number) });
    } else
      for (const { text, to, number } of arrived)
        this.#environment.show({ text, to, name: String(number) });
  }
}

/** An event as an arrival; undefined for what only changes counts. */
function arrivalOf(
  { number, event }: NoticeServiceWatchResponse,
  ownId: string,
  now: number,
): Arrival | undefined {
  const isRecent = (micros: bigint) => Number(micros / 1000n) > now - RECENT_MILLIS;
  if (event.case === "notice") {
    const { actorId, atMicros, place } = event.value;
    if (actorId === ownId || !isRecent(atMicros)) return undefined;
    const { text, excerpt, to } = noticeView(event.value);
    return { number, text: joined(text, excerpt), to, threadId: place?.threadId };
  }
  if (event.case !== "message") return undefined;
  const { message, place } = event.value;
  if (message === undefined || place?.kind !== ThreadKind.PERSONS) return undefined;
  const { authorId, authorName, sentMicros, editedMicros, deletedMicros, threadId } = message;
  const isNew = editedMicros === 0n && deletedMicros === 0n && isRecent(sentMicros);
  if (authorId === ownId || !isNew) return undefined;
  const text = joined(authorName, excerptOf(message));
  return { number, text, to: threadPath(place, authorId), threadId };
}

function joined(text: string, excerpt: string | undefined): string {
  return excerpt === undefined ? `${text}.` : `${text}: ${excerpt}`;
}

/** Whether one of the addresses that the page shows is what an address leads to. */
export function isOpen(to: string | undefined, here: readonly string[]): boolean {
  if (to === undefined) return false;
  const [path = "", search] = to.split("?");
  return here.some((address) => {
    const [herePath = "", hereSearch] = address.split("?");
    const params = new URLSearchParams(hereSearch);
    const wanted = [...new URLSearchParams(search)];
    return path === herePath && wanted.every(([name, value]) => params.get(name) === value);
  });
}

// A thread while a conversation shows it: its messages, what is read, and those who type.
//
// What it is not: it draws nothing, and does not know what is on the screen (see `setSeen`).
// Invariant: the messages have no gap; a number that is skipped leads to a read of the newest page.
import { errorText, isTransient } from "../../../api/errors.ts";
import type { Target } from "../../../api/target.ts";
import { Store } from "../../../base/store.ts";
import type { ListMessagesResponse, Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import type { NoticeServiceWatchResponse } from "../../../gen/gridloom/v1/notices_pb.ts";
import { changesAccess } from "../../../live/inbox/access.ts";
import type { Calls } from "./calls.ts";
import { belongs, messageOf } from "./events.ts";
import type { Draft } from "./kept.ts";
import {
  type Loaded,
  lastNumber,
  NOTHING,
  withMessage,
  withNewest,
  withOlder,
} from "./messages.ts";
import { namesOf, type Outbox } from "./outbox.ts";
import { seldom, Typists } from "./typing.ts";
import { lastOfOthers } from "./unread.ts";

/** Messages beyond which a conversation at its end drops older pages; they load again when they are shown. */
const MOST_LOADED = 500;
/** Milliseconds before a failed call that the person did not ask for is repeated. */
const REPEAT_MILLIS = 5_000;
/** Milliseconds between two reads of the newest page: of a large thread not every reader receives the events. */
const REFRESH_MILLIS = 30_000;

export interface ThreadState extends Loaded {
  /** False until the first answer. */
  known: boolean;
  /** Why the newest messages could not be read. */
  problem: unknown;
  loadingOlder: boolean;
  /** Why older messages could not be read. */
  olderProblem: string | undefined;
  /** The number up to which the person has read. */
  read: bigint;
  /** The line of the unread messages stands after this number; undefined: there is none. */
  lineAfter: bigint | undefined;
  /** The names of persons without access whom an own message was to mention, by its number. */
  unmentioned: ReadonlyMap<bigint, readonly string[]>;
}

const EMPTY: ThreadState = {
  ...NOTHING,
  known: false,
  problem: undefined,
  loadingOlder: false,
  olderProblem: undefined,
  read: 0n,
  lineAfter: undefined,
  unmentioned: new Map(),
};

/** The events of the account; `onAgain`: some may be lost, and what was read is read again. */
export interface Events {
  onEvent(handler: (answer: NoticeServiceWatchResponse) => void): () => void;
  onAgain(handler: () => void): () => void;
}

interface Clock {
  now(): number;
  after(millis: number, then: () => void): () => void;
}

interface Surroundings {
  target: Target;
  /** The account of this page. */
  own: string;
  calls: Calls;
  events: Events;
  outbox: Outbox;
  clock: Clock;
}

export class LiveThread {
  readonly state = new Store<ThreadState>(EMPTY);
  readonly typists: Typists;
  /** Reports that the person types. */
  readonly type: () => void;
  readonly #around: Surroundings;
  #threadId: string;
  #seen = false;
  /** What a further load has to do once the present one has ended. */
  #loading: "no" | "once" | "again" = "no";
  #marking = false;
  /** Ends the reads and the mark that are under way. */
  #abort = new AbortController();
  #stops: (() => void)[] = [];

  constructor(around: Surroundings) {
    const { target, clock, calls } = around;
    this.#around = around;
    this.#threadId = target.kind === "thread" ? target.threadId : "";
    this.typists = new Typists(clock);
    this.type = seldom(
      () => clock.now(),
      () => void calls.typing().catch(() => undefined),
    );
  }

  start(): void {
    const { events, clock, outbox } = this.#around;
    const refresh = () => {
      stopTimer = clock.after(REFRESH_MILLIS, refresh);
      if (this.#seen || !this.state.get().known) this.load();
    };
    let stopTimer = clock.after(REFRESH_MILLIS, refresh);
    this.#stops = [
      events.onEvent((answer) => this.#receive(answer)),
      events.onAgain(() => {
        outbox.retryAll();
        this.#giveUp();
        this.load();
      }),
      outbox.onSent((message, unmentioned) => {
        this.#noteUnmentioned(message, unmentioned);
        this.#received(message);
      }),
      () => stopTimer(),
    ];
    this.load();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.typists.clear();
    this.#seen = false;
  }

  #set(change: Partial<ThreadState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }

  /** Reads the newest page. */
  readonly load = (): void => {
    if (this.#loading !== "no") {
      this.#loading = "again";
      return;
    }
    this.#loading = "once";
    const { signal } = this.#abort;
    this.#around.calls.list("", signal).then(
      (page) => {
        this.#loaded(page);
        this.#ended();
      },
      (problem: unknown) => {
        // A later read may find what this one did not; what is shown stays.
        if (!signal.aborted) this.#set({ problem });
        this.#ended();
      },
    );
  };

  /** The connection of the calls that are under way may be dead: what follows does not wait for them. */
  #giveUp(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  #ended(): void {
    const again = this.#loading === "again";
    this.#loading = "no";
    if (again && this.#stops.length > 0) this.load();
  }

  #loaded(page: ListMessagesResponse): void {
    const state = this.state.get();
    if (page.threadId !== "") this.#threadId = page.threadId;
    this.#around.outbox.received(page.messages);
    // An event may have been faster than this answer.
    this.#noteRead(page.read);
    const { read } = this.state.get();
    const isLong = this.#seen && state.messages.length > MOST_LOADED;
    const loaded = withNewest(isLong ? NOTHING : state, page);
    const unread = this.#isUnread(loaded.messages, read);
    const lineAfter = state.known ? this.#lineFor(unread) : unread ? read : undefined;
    this.#set({ ...loaded, known: true, problem: undefined, lineAfter });
    this.#mark();
  }

  #isUnread(messages: readonly Message[], read: bigint): boolean {
    return lastOfOthers(messages, this.#around.own, read) > 0n;
  }

  /** Where the line stands once messages have arrived: a line that is passed moves to those that are not seen. */
  #lineFor(unread: boolean): bigint | undefined {
    const { lineAfter, read, messages } = this.state.get();
    if (this.#seen || !unread) return lineAfter;
    const wasRead = !this.#isUnread(messages, read);
    return lineAfter === undefined || wasRead ? read : lineAfter;
  }

  /** Reads the page before the first message. */
  readonly loadOlder = (): void => {
    const { older, loadingOlder, known } = this.state.get();
    if (!known || older === "" || loadingOlder) return;
    this.#set({ loadingOlder: true, olderProblem: undefined });
    const { signal } = this.#abort;
    this.#around.calls.list(older, signal).then(
      (page) => this.#set({ ...withOlder(this.state.get(), page, older), loadingOlder: false }),
      (error: unknown) => {
        // One that was given up is asked for again by the next scroll.
        const olderProblem = signal.aborted ? undefined : errorText(error);
        this.#set({ loadingOlder: false, olderProblem });
      },
    );
  };

  #receive(answer: NoticeServiceWatchResponse): void {
    if (changesAccess(answer)) this.load();
    const placed = messageOf(answer);
    if (placed !== undefined) {
      const fits = belongs(placed, this.#around.target, this.#threadId);
      if (fits === "maybe") this.load();
      if (fits === "yes") this.#received(placed.message);
      return;
    }
    const { event } = answer;
    if (event.case === "threadRead" && event.value.threadId === this.#threadId)
      this.#noteRead(event.value.through);
    if (event.case !== "typing" || event.value.threadId !== this.#threadId) return;
    if (event.value.personId !== this.#around.own) this.typists.reported(event.value);
  }

  #received(message: Message): void {
    this.#threadId = message.threadId;
    this.#around.outbox.received([message]);
    this.typists.ended(message.authorId);
    const state = this.state.get();
    // Until the first page is read, a message alone would have a gap before it.
    const { loaded, gap } = state.known
      ? withMessage(state, message)
      : { loaded: NOTHING, gap: true };
    if (gap) {
      this.load();
      return;
    }
    const unread = this.#isUnread(loaded.messages, state.read);
    this.#set({ ...loaded, lineAfter: this.#lineFor(unread) });
    if (this.#seen && loaded.messages.length > MOST_LOADED) this.load();
    this.#mark();
  }

  /** Whether the end of the conversation is on the screen of a visible page. */
  setSeen(seen: boolean): void {
    this.#seen = seen;
    this.#mark();
  }

  #noteRead(through: bigint): void {
    if (through > this.state.get().read) this.#set({ read: through });
  }

  /** Marks what is seen as read. */
  #mark(): void {
    const { known, messages, read } = this.state.get();
    if (!known || !this.#seen || this.#marking || !this.#isUnread(messages, read)) return;
    this.#marking = true;
    const { calls, clock } = this.#around;
    const through = lastNumber(this.state.get());
    calls.markRead(through, this.#abort.signal).then(
      () => {
        this.#marking = false;
        this.#noteRead(through);
        this.#mark();
      },
      (error: unknown) => {
        this.#marking = false;
        if (isTransient(error)) this.#stops.push(clock.after(REPEAT_MILLIS, () => this.#mark()));
      },
    );
  }

  send(draft: Draft): void {
    this.#set({ lineAfter: undefined });
    this.#around.outbox.add(draft);
  }

  /** Replaces the text of an own message. */
  async edit(message: Message, draft: Draft): Promise<void> {
    const { message: edited, withoutAccess } = await this.#around.calls.edit(message, draft);
    this.#noteUnmentioned(message, namesOf(withoutAccess, draft.mentions));
    if (edited !== undefined) this.#received(edited);
  }

  #noteUnmentioned({ number }: Message, names: readonly string[]): void {
    const { unmentioned } = this.state.get();
    if (names.length === 0 && !unmentioned.has(number)) return;
    this.#set({ unmentioned: new Map([...unmentioned, [number, names]]) });
  }

  /** Deletes an own message. */
  async remove(message: Message): Promise<void> {
    const { message: left } = await this.#around.calls.remove(message);
    if (left !== undefined) this.#received(left);
  }
}

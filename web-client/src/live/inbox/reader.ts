// The notices of one account: its feed, and what is unread.
//
// What it is not: it does not know when another account signs in (see notice-inbox.ts).
import type { Session } from "../../api/session.ts";
import { type Message, type Thread, ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import type { NoticeServiceWatchResponse, ThreadPlace } from "../../gen/gridloom/v1/notices_pb.ts";
import { backoffMillis } from "../connection/backoff.ts";
import type { Environment, Gate } from "../connection/interfaces.ts";
import { changesAccess } from "./access.ts";
import { type FeedTarget, NoticeFeed, type NoticeSource } from "./feed.ts";
import { type Counted, UnreadNotices } from "./unread-notices.ts";
import { UnreadThreads } from "./unread-threads.ts";

/** The server's lists, as far as the counts need them. */
export interface Lists {
  /** What is unread, and the number of the newest notice. */
  notices(): Promise<Counted & { newest: bigint }>;
  threads(): Promise<readonly Thread[]>;
}

/** The network of an account's stream. */
export interface Network {
  source: NoticeSource;
  gate(): Gate;
}

/** The shortest time between two reads of the lists. */
const SPACE_MILLIS = 1_000;

/** What is unread. */
export class Unread {
  readonly notices = new UnreadNotices();
  readonly threads = new UnreadThreads();
}

export interface ReaderTarget extends FeedTarget {
  onUnread(unread: Unread): void;
}

/** The feed of one account, and what is unread of it. */
export class Reader {
  readonly accountId: string;
  readonly feed: NoticeFeed;
  token: string;
  readonly #environment: Environment;
  readonly #source: NoticeSource;
  readonly #lists: Lists;
  readonly #target: ReaderTarget;
  readonly #unread = new Unread();
  #stopped = false;
  /** Whether the lists are being read; again: once more after that. */
  #reads: "no" | "once" | "again" = "no";
  /** The lists are read when the account has another token. */
  #isBehind = false;
  #failures = 0;
  /** The number of the last event; the server's counts have all events up to it. */
  #received = 0n;

  constructor(
    { accountId, token }: Session,
    environment: Environment,
    { source, gate }: Network,
    lists: Lists,
    target: ReaderTarget,
  ) {
    this.accountId = accountId;
    this.token = token;
    this.#environment = environment;
    this.#source = source;
    this.#lists = lists;
    this.#target = target;
    this.feed = new NoticeFeed(environment, source, gate(), {
      onEvent: (answer) => this.#receive(answer),
      onAgain: () => this.#again(),
    });
  }

  start(): void {
    void this.feed.run();
  }

  stop(): void {
    this.#stopped = true;
    this.feed.stop();
  }

  renew(token: string): void {
    this.token = token;
    this.feed.renew();
    if (this.#isBehind) this.#readLists();
  }

  /** Reads again what is unread: a right has ended, of which no event may come. */
  countAgain(): void {
    this.#readLists();
  }

  #receive(answer: NoticeServiceWatchResponse): void {
    const areRead = this.#reads !== "no";
    if (answer.number !== 0n) this.#received = answer.number;
    if (this.#changesUnread(answer)) {
      // The lists that are on their way may be older.
      if (areRead) this.#reads = "again";
      this.#target.onUnread(this.#unread);
    }
    // Only the server knows which threads and notices are there under the new right.
    if (changesAccess(answer)) this.#readLists();
    this.#target.onEvent(answer);
  }

  #changesUnread({ number, event }: NoticeServiceWatchResponse): boolean {
    const { notices, threads } = this.#unread;
    if (event.case === "started") notices.begin(event.value.last, event.value);
    else if (event.case === "noticesRead") notices.read(event.value.through, event.value.unread);
    else if (event.case === "threadRead") {
      const { threadId, through, unread, kind } = event.value;
      // A comment is in no list of threads: its notices are counted.
      if (kind === ThreadKind.COMMENT) return false;
      threads.read(threadId, through, unread);
    } else if (event.case === "message") this.#count(event.value.message, event.value.place);
    else if (event.case === "notice") {
      notices.add(number);
      this.#count(event.value.message, event.value.place);
    } else return false;
    return event.case !== "started";
  }

  #count(message: Message | undefined, place: ThreadPlace | undefined): void {
    if (message === undefined || place === undefined || place.kind === ThreadKind.COMMENT) return;
    if (!this.#unread.threads.receive(message, this.accountId)) this.#readLists();
  }

  #again(): void {
    this.#readLists();
    this.#target.onAgain();
  }

  #readLists(): void {
    if (this.#reads === "no") void this.#readNow();
    else this.#reads = "again";
  }

  /** Reads until the lists are as new as the last request for them. */
  async #readNow(): Promise<void> {
    do {
      this.#reads = "once";
      try {
        await this.#readOnce();
        this.#failures = 0;
        if (this.#isCurrent()) break;
        await this.#wait(SPACE_MILLIS);
      } catch (error) {
        // What shows a list shows its error, too; the counts are only tried again.
        this.#isBehind = this.#source.isRefused(error);
        if (this.#isBehind) break;
        this.#failures += 1;
        await this.#wait(backoffMillis(this.#failures, this.#environment.random));
      }
    } while (!this.#stopped);
    this.#reads = "no";
  }

  #isCurrent(): boolean {
    return this.#reads !== "again";
  }

  async #readOnce(): Promise<void> {
    const received = this.#received;
    const [counted, threads] = await Promise.all([this.#lists.notices(), this.#lists.threads()]);
    if (this.#stopped) return;
    // The newest notices may be of what is gone: they are counted, and in no list.
    let through = counted.newest;
    if (received > through) through = received;
    this.#unread.notices.begin(through, counted);
    this.#unread.threads.begin(threads);
    this.#target.onUnread(this.#unread);
  }

  #wait(millis: number): Promise<void> {
    return new Promise((resolve) => this.#environment.after(millis, resolve));
  }
}

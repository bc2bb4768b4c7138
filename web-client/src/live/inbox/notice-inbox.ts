// What the account that is signed in receives of others: the events, and what is unread.
//
// What it is not: it shows nothing and keeps no message. Lists come from the server, read again after `again`.
// Invariants: nothing of one account reaches handlers as another's; a handler that fails affects no other.
import type { Session } from "../../api/session.ts";
import { Store } from "../../base/store.ts";
import type { NoticeServiceWatchResponse } from "../../gen/gridloom/v1/notices_pb.ts";
import type { Environment } from "../connection/interfaces.ts";
import { type Lists, type Network, Reader, Unread } from "./reader.ts";

export interface InboxEnvironment extends Environment {
  /** Calls `back` when the network may be there again, `gone` when it is lost. */
  onNetwork(back: () => void, gone: () => void): () => void;
}

export class NoticeInbox {
  /** Unread notices of the list, 100 at most. */
  readonly unreadNotices = new Store(0);
  /** All notices up to this number are read. */
  readonly noticesRead = new Store(0n);
  /** Threads of persons and sheets with unread messages. */
  readonly unreadThreads = new Store(0);
  /** Unread messages by thread, without threads that are read. */
  readonly threads = new Store<ReadonlyMap<string, number>>(new Map());
  readonly #environment: InboxEnvironment;
  readonly #network: Network;
  readonly #lists: Lists;
  readonly #handlers = new Set<(answer: NoticeServiceWatchResponse) => void>();
  readonly #againHandlers = new Set<() => void>();
  #reader: Reader | undefined;

  constructor(environment: InboxEnvironment, network: Network, lists: Lists) {
    this.#environment = environment;
    this.#network = network;
    this.#lists = lists;
  }

  /** Follows the account that is signed in. Returns a function that ends it. */
  follow(account: Store<Session | null>): () => void {
    const next = () => this.#enter(account.get());
    const stops = [
      account.subscribe(next),
      this.#environment.onNetwork(
        () => this.#reader?.feed.retryNow(),
        () => this.#reader?.feed.networkLost(),
      ),
    ];
    next();
    return () => {
      for (const stop of stops) stop();
      this.#enter(null);
    };
  }

  /** Counts again what is unread: a sheet on this page was closed. A guest gets no notice of the end of its link. */
  countAgain(): void {
    this.#reader?.countAgain();
  }

  /** Calls back with each event of the stream, in order. Returns a function that ends it. */
  onEvent(handler: (answer: NoticeServiceWatchResponse) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /**
   * Calls back when events may have been missed, also at the beginning and for another account: what was read from
   * the server is read again. Returns a function that ends it.
   */
  onAgain(handler: () => void): () => void {
    this.#againHandlers.add(handler);
    return () => this.#againHandlers.delete(handler);
  }

  #enter(account: Session | null): void {
    const reader = this.#reader;
    if (reader !== undefined && reader.accountId === account?.accountId) {
      if (reader.token !== account.token) reader.renew(account.token);
      return;
    }
    reader?.stop();
    this.#reader = undefined;
    this.#show(new Unread());
    if (account === null) return;
    const next = new Reader(account, this.#environment, this.#network, this.#lists, {
      onEvent: (answer) => notifyAll(this.#handlers, answer),
      onAgain: () => notifyAll(this.#againHandlers, undefined),
      onUnread: (unread) => this.#show(unread),
    });
    this.#reader = next;
    next.start();
  }

  #show({ notices, threads }: Unread): void {
    const { counts } = threads;
    this.unreadNotices.set(notices.count);
    this.noticesRead.set(notices.readThrough);
    this.unreadThreads.set(counts.size);
    this.threads.set(counts);
  }
}

/** Calls all handlers; an error of one is reported and stops none of the others. */
function notifyAll<T>(handlers: ReadonlySet<(value: T) => void>, value: T): void {
  for (const handler of [...handlers])
    try {
      handler(value);
    } catch (error) {
      // Reported as every uncaught error of the page.
      queueMicrotask(() => {
        throw error;
      });
    }
}

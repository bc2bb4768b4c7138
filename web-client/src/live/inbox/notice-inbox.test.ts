import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../api/session.ts";
import { Store } from "../../base/store.ts";
import {
  type MessageSchema,
  type Thread,
  ThreadKind,
  ThreadSchema,
} from "../../gen/gridloom/v1/chat_pb.ts";
import {
  NoticeKind,
  type NoticeServiceWatchResponse,
  NoticeServiceWatchResponseSchema,
} from "../../gen/gridloom/v1/notices_pb.ts";
import { type InboxEnvironment, NoticeInbox } from "./notice-inbox.ts";

type Answer = NoticeServiceWatchResponse;
type Event = NonNullable<MessageInitShape<typeof NoticeServiceWatchResponseSchema>["event"]>;

const REFUSED = new Error("refused");
const PERMIT = { release: () => undefined };

/** A stream at the server that the test plays. */
class Stream {
  readonly #waiting: Answer[] = [];
  #end: { error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(
    readonly after: bigint | undefined,
    readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.end(signal.reason));
  }

  async send(number: bigint, event?: Event): Promise<void> {
    this.#waiting.push(
      create(
        NoticeServiceWatchResponseSchema,
        event === undefined ? { number } : { number, event },
      ),
    );
    this.#wake();
    await vi.advanceTimersByTimeAsync(0);
  }

  end(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *answers(): AsyncIterable<Answer> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#end !== undefined) throw this.#end.error;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

class Server {
  readonly streams: Stream[] = [];
  readonly account = new Store<Session | null>(session("ada", "t1"));
  notices = { newest: 0n, read: 0n, unread: 0 };
  threads: Thread[] = [];
  reads = 0;
  refuses = false;
  delay = Promise.resolve();
  readonly #back = new Set<() => void>();
  readonly #gone = new Set<() => void>();
  isOnline = true;

  readonly environment: InboxEnvironment = {
    now: () => Date.now(),
    random: () => 1,
    after: (millis, then) => {
      const timer = setTimeout(then, millis);
      return () => clearTimeout(timer);
    },
    isOnline: () => this.isOnline,
    onNetwork: (back, gone) => {
      this.#back.add(back);
      this.#gone.add(gone);
      return () => {
        this.#back.delete(back);
        this.#gone.delete(gone);
      };
    },
  };

  readonly inbox = new NoticeInbox(
    this.environment,
    {
      source: {
        open: (after, signal) => {
          const stream = new Stream(after, signal);
          this.streams.push(stream);
          return stream.answers();
        },
        isRefused: (error) => error === REFUSED,
      },
      gate: () => ({ acquire: async () => PERMIT, close: () => undefined }),
    },
    {
      notices: async () => {
        this.reads += 1;
        if (this.refuses) throw REFUSED;
        return this.notices;
      },
      threads: async () => {
        const { threads } = this;
        await this.delay;
        return threads;
      },
    },
  );

  readonly events: string[] = [];

  constructor() {
    this.inbox.onEvent(({ number, event }) => this.events.push(`${event.case} ${number}`));
    this.inbox.onAgain(() => this.events.push("again"));
  }

  get stream(): Stream {
    return this.streams.at(-1) ?? expect.unreachable("no stream is open");
  }

  async network(isOnline: boolean): Promise<void> {
    this.isOnline = isOnline;
    for (const then of isOnline ? this.#back : this.#gone) then();
    await pass(0);
  }
}

function session(accountId: string, token: string): Session {
  const email = `${accountId}@example.org`;
  return { token, accountId, email, displayName: accountId, color: 0, renewAt: 0 };
}

async function begun(): Promise<Server> {
  const server = new Server();
  server.inbox.follow(server.account);
  await pass(0);
  return server;
}

async function pass(millis: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(millis);
}

function started(last: bigint, unread = 0): Event {
  return { case: "started", value: { last, unread } };
}

function shared(number: bigint): Event {
  return { case: "notice", value: { number, sheetId: "s" } };
}

function message(
  number: bigint,
  change: MessageInitShape<typeof MessageSchema> = {},
  kind = ThreadKind.PERSONS,
): Event {
  const value = { threadId: "t", number, authorId: "ben", text: "hello", ...change };
  return { case: "message", value: { message: value, place: { threadId: "t", kind } } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a stream that ends continues after its last answer, and each event comes once", async () => {
  const server = await begun();
  expect(server.stream.after).toBeUndefined();
  await server.stream.send(7n, started(7n));
  await server.stream.send(8n, shared(8n));
  server.stream.end(new Error("cut"));
  await pass(300);
  expect(server.streams).toHaveLength(2);
  expect(server.stream.after).toBe(8n);
  await server.stream.send(8n, started(9n, 2));
  await server.stream.send(8n, shared(8n));
  await server.stream.send(9n, shared(9n));
  expect(server.events).toEqual(["again", "started 7", "notice 8", "started 8", "notice 9"]);
});

test("a stream that begins elsewhere, and deleted notices, are followed by new reads", async () => {
  const server = await begun();
  await server.stream.send(7n, started(7n));
  server.stream.end(new Error("cut"));
  await pass(300);
  // Another tab has received more; or the database was restored.
  for (const point of [9n, 3n]) {
    await server.stream.send(point);
    server.stream.end(new Error("cut"));
    await pass(1_000);
    expect(server.stream.after).toBe(point);
  }
  await server.stream.send(3n);
  await server.stream.send(3n, { case: "olderGone", value: {} });
  await server.stream.send(0n, { case: "typing", value: { threadId: "t" } });
  const again = ["again", "started 7", "again", "again", "again", "olderGone 3", "typing 0"];
  expect(server.events).toEqual(again);
});

test("attempts become rarer while the server is away, and one comes when the network is back", async () => {
  const server = await begun();
  for (let failed = 0; failed < 8; failed++) {
    server.stream.end(new Error("unavailable"));
    await pass(15_000);
  }
  const attempts = server.streams.length;
  expect(attempts).toBe(9);
  server.stream.end(new Error("unavailable"));
  await pass(14_000);
  expect(server.streams).toHaveLength(attempts);
  await server.network(true);
  expect(server.streams).toHaveLength(attempts + 1);
  await server.network(false);
  expect(server.stream.signal.aborted).toBe(true);
  await pass(60_000);
  expect(server.streams).toHaveLength(attempts + 1);
});

test("a refused token opens no further stream until there is another one", async () => {
  const server = await begun();
  await server.stream.send(7n, started(7n));
  server.stream.end(REFUSED);
  await pass(60_000);
  await server.network(true);
  expect(server.streams).toHaveLength(1);
  server.account.set(session("ada", "t2"));
  await pass(0);
  expect(server.streams).toHaveLength(2);
  expect(server.stream.after).toBe(7n);
  server.account.set(session("ada", "t3"));
  await pass(0);
  expect(server.streams).toHaveLength(3);
  expect(server.streams[1]?.signal.aborted).toBe(true);
});

test("signing out ends the stream, and another account begins anew", async () => {
  const server = await begun();
  await server.stream.send(7n, started(7n, 3));
  server.account.set(null);
  await pass(0);
  expect(server.stream.signal.aborted).toBe(true);
  expect(server.inbox.unreadNotices.get()).toBe(0);
  await pass(60_000);
  expect(server.streams).toHaveLength(1);
  server.account.set(session("ben", "t4"));
  await pass(0);
  expect(server.stream.after).toBeUndefined();
});

test("unread notices follow the stream on every device", async () => {
  const server = await begun();
  server.notices = { newest: 5n, read: 0n, unread: 2 };
  await server.stream.send(7n, started(7n, 2));
  await server.stream.send(8n, shared(8n));
  await server.stream.send(9n, shared(9n));
  expect(server.inbox.unreadNotices.get()).toBe(4);
  await server.stream.send(10n, { case: "noticesRead", value: { through: 8n, unread: 1 } });
  expect(server.inbox.unreadNotices.get()).toBe(1);
  expect(server.inbox.noticesRead.get()).toBe(8n);
  // The server has counted a notice that the stream has not sent yet.
  await server.stream.send(12n, { case: "noticesRead", value: { through: 9n, unread: 1 } });
  await server.stream.send(13n, shared(13n));
  expect(server.inbox.unreadNotices.get()).toBe(1);
  server.stream.end(new Error("cut"));
  await pass(300);
  await server.stream.send(13n, started(15n, 3));
  await server.stream.send(14n, shared(14n));
  expect(server.inbox.unreadNotices.get()).toBe(3);
});

test("a thread is unread by messages of others, not by edits, own messages or comments", async () => {
  const server = await begun();
  await server.stream.send(1n, started(1n));
  await pass(2_000);
  await server.stream.send(2n, message(4n));
  await server.stream.send(3n, message(5n));
  expect(server.inbox.threads.get()).toEqual(new Map([["t", 2]]));
  await server.stream.send(4n, message(4n, { editedMicros: 9n }));
  await server.stream.send(5n, message(6n, { authorId: "ada" }));
  await server.stream.send(6n, message(7n, { threadId: "c" }, ThreadKind.COMMENT));
  expect(server.inbox.threads.get()).toEqual(new Map([["t", 2]]));
  const read = { threadId: "t", through: 6n, unread: 0 };
  await server.stream.send(7n, { case: "threadRead", value: read });
  expect(server.inbox.unreadThreads.get()).toBe(0);
  await server.stream.send(8n, message(5n, { editedMicros: 9n }));
  expect(server.inbox.unreadThreads.get()).toBe(0);
  const comment = { threadId: "c", through: 1n, unread: 3, kind: ThreadKind.COMMENT };
  await server.stream.send(9n, { case: "threadRead", value: comment });
  expect(server.inbox.unreadThreads.get()).toBe(0);
});

test.each<[string, Event]>([
  ["a role that ends", { case: "notice", value: { kind: NoticeKind.ROLE, sheetId: "s" } }],
  ["a sheet that is shared", { case: "notice", value: { kind: NoticeKind.SHARE, sheetId: "s" } }],
  ["a comment that is deleted", { case: "thread", value: { threadId: "c", deleted: true } }],
])("%s makes the server count again", async (_, event) => {
  const server = await begun();
  server.notices = { newest: 4n, read: 4n, unread: 0 };
  server.threads = [create(ThreadSchema, { id: "t", unread: 3 })];
  await server.stream.send(5n, started(5n, 0));
  await pass(2_000);
  await server.stream.send(6n, shared(6n));
  expect(server.inbox.unreadNotices.get()).toBe(1);
  expect(server.inbox.unreadThreads.get()).toBe(1);
  // The notice is of what is gone: the server lists and counts it no more.
  server.threads = [];
  await server.stream.send(7n, event);
  await pass(2_000);
  expect(server.inbox.unreadNotices.get()).toBe(0);
  expect(server.inbox.unreadThreads.get()).toBe(0);
});

test("a sheet that is closed without a notice makes the server count again", async () => {
  const server = await begun();
  server.threads = [create(ThreadSchema, { id: "t", unread: 3 })];
  await server.stream.send(5n, started(5n, 0));
  await pass(2_000);
  expect(server.inbox.unreadThreads.get()).toBe(1);
  server.threads = [];
  server.inbox.countAgain();
  await pass(2_000);
  expect(server.inbox.unreadThreads.get()).toBe(0);
});

test("a comment that is resolved leaves the counts as they are", async () => {
  const server = await begun();
  await server.stream.send(5n, started(5n, 0));
  await pass(2_000);
  const { reads } = server;
  await server.stream.send(6n, { case: "thread", value: { threadId: "c", resolvedMicros: 5n } });
  await pass(2_000);
  expect(server.reads).toBe(reads);
});

test("an event that comes while the lists are read makes them be read once more", async () => {
  const server = await begun();
  await server.stream.send(1n, started(1n));
  server.threads = [create(ThreadSchema, { id: "t", unread: 3 })];
  const reads = server.reads;
  let answer: () => void = () => undefined;
  server.delay = new Promise((resolve) => (answer = resolve));
  // An edit in a thread that the page does not know.
  await server.stream.send(2n, message(4n, { threadId: "u", editedMicros: 9n }));
  expect(server.reads).toBe(reads + 1);
  const read = { threadId: "t", through: 6n, unread: 0 };
  await server.stream.send(3n, { case: "threadRead", value: read });
  answer();
  await pass(0);
  expect(server.inbox.threads.get()).toEqual(new Map([["t", 3]]));
  server.threads = [];
  await pass(60_000);
  expect(server.reads).toBe(reads + 2);
  expect(server.inbox.unreadThreads.get()).toBe(0);
});

test("lists that a token could not read are read under the next one", async () => {
  const server = new Server();
  server.refuses = true;
  server.inbox.follow(server.account);
  await pass(0);
  await server.stream.send(1n, started(1n, 1));
  await pass(60_000);
  expect(server.reads).toBe(1);
  server.refuses = false;
  server.notices = { newest: 1n, read: 0n, unread: 5 };
  server.account.set(session("ada", "t2"));
  await pass(0);
  expect(server.inbox.unreadNotices.get()).toBe(5);
});

test("a handler that fails stops no other one, and its error is reported", async () => {
  const reported = vi.fn();
  vi.stubGlobal("queueMicrotask", (then: () => void) => {
    expect(then).toThrow(REFUSED);
    reported();
  });
  const server = new Server();
  server.inbox.onAgain(() => {
    throw REFUSED;
  });
  const again = vi.fn();
  server.inbox.onAgain(again);
  server.inbox.follow(server.account);
  await pass(0);
  await server.stream.send(1n, started(1n));
  expect(again).toHaveBeenCalledOnce();
  expect(reported).toHaveBeenCalledOnce();
});

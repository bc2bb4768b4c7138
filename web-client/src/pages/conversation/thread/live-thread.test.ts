import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  type ListMessagesResponse,
  ListMessagesResponseSchema,
  type Message,
  MessageSchema,
  ThreadKind,
} from "../../../gen/gridloom/v1/chat_pb.ts";
import {
  NoticeKind,
  type NoticeServiceWatchResponse,
  NoticeServiceWatchResponseSchema,
} from "../../../gen/gridloom/v1/notices_pb.ts";
import type { Calls } from "./calls.ts";
import { Kept } from "./kept.ts";
import { LiveThread } from "./live-thread.ts";
import { Outbox } from "./outbox.ts";
import { items, settled, Timers } from "./test-clock.ts";

const THREAD = "thread-1";
const SHEET = "sheet-1";

/** A server with one thread, whose answers are held back on request. */
class FakeThread implements Pick<Calls, "list" | "markRead"> {
  messages: Message[] = [];
  read = 0n;
  pages = 2;
  fails = false;
  isGone = false;
  /** Takes calls and does not answer. */
  isDead = false;
  lists: string[] = [];
  marks: bigint[] = [];

  async list(pageToken: string, signal: AbortSignal): Promise<ListMessagesResponse> {
    this.lists.push(pageToken);
    if (this.isDead) await aborted(signal);
    if (this.fails) throw new ConnectError("x", Code.Unavailable);
    if (this.isGone) throw new ConnectError("x", Code.NotFound);
    const before = pageToken === "" ? this.messages.length : Number(pageToken) - 1;
    const start = Math.max(0, before - this.pages);
    const page = this.messages.slice(start, before).reverse();
    return create(ListMessagesResponseSchema, {
      messages: page,
      nextPageToken: start === 0 ? "" : String(start + 1),
      threadId: this.messages.length === 0 ? "" : THREAD,
      read: this.read,
    });
  }

  async markRead(through: bigint, signal: AbortSignal): Promise<void> {
    this.marks.push(through);
    if (this.isDead) await aborted(signal);
    if (this.fails) throw new ConnectError("x", Code.Unavailable);
    this.read = through;
  }

  write(authorId: string, text = "x"): NoticeServiceWatchResponse {
    const number = BigInt(this.messages.length + 1);
    const message = create(MessageSchema, { threadId: THREAD, number, authorId, text });
    this.messages.push(message);
    return changed(message);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new ConnectError("x", Code.Canceled)));
  });
}

function changed(message: Message): NoticeServiceWatchResponse {
  const place = { threadId: message.threadId, kind: ThreadKind.SHEET, sheetId: SHEET };
  const value = { message, place };
  return create(NoticeServiceWatchResponseSchema, { event: { case: "message", value } });
}

async function setUp(prepare: (server: FakeThread) => void = () => undefined) {
  const server = new FakeThread();
  prepare(server);
  const clock = new Timers();
  let onEvent: (answer: NoticeServiceWatchResponse) => void = () => undefined;
  let onAgain: () => void = () => undefined;
  let typed = 0;
  const ignore = () => Promise.reject(new Error("not asked here"));
  const outbox = new Outbox({
    kept: new Kept(items(), "ada", "sheet:1"),
    send: ignore,
    newId: () => "id",
    now: () => clock.now(),
    after: (millis, then) => clock.after(millis, then),
    onUnmentioned: () => undefined,
  });
  const thread = new LiveThread({
    target: { kind: "sheet", sheetId: SHEET },
    own: "ada",
    calls: {
      list: (token, signal) => server.list(token, signal),
      markRead: (through, signal) => server.markRead(through, signal),
      send: ignore,
      edit: ignore,
      remove: ignore,
      typing: async () => void typed++,
    },
    events: {
      onEvent: (handler) => {
        onEvent = handler;
        return () => undefined;
      },
      onAgain: (handler) => {
        onAgain = handler;
        return () => undefined;
      },
    },
    outbox,
    clock,
  });
  thread.start();
  await settled();
  const numbers = () => thread.state.get().messages.map(({ number }) => Number(number));
  const receive = async (answer: NoticeServiceWatchResponse) => {
    onEvent(answer);
    await settled();
  };
  return { server, clock, thread, numbers, receive, again: () => onAgain(), typed: () => typed };
}

function withMessages(count: number, read = 0n) {
  return (server: FakeThread) => {
    for (let i = 0; i < count; i++) server.write("ben");
    server.read = read;
  };
}

describe("a thread", () => {
  it("loads its newest messages, and older ones on request", async () => {
    const { thread, numbers } = await setUp(withMessages(5));
    expect(numbers()).toEqual([4, 5]);
    thread.loadOlder();
    thread.loadOlder();
    await settled();
    expect(numbers()).toEqual([2, 3, 4, 5]);
    thread.loadOlder();
    await settled();
    expect(numbers()).toEqual([1, 2, 3, 4, 5]);
    expect(thread.state.get().older).toBe("");
  });

  it("shows a message as its event arrives", async () => {
    const { server, numbers, receive } = await setUp(withMessages(1));
    await receive(server.write("ben"));
    expect(numbers()).toEqual([1, 2]);
    expect(server.lists).toHaveLength(1);
  });

  it("reads what is missing when a number is skipped", async () => {
    const { server, numbers, receive } = await setUp(withMessages(1));
    server.write("ben");
    await receive(server.write("ben"));
    expect(numbers()).toEqual([1, 2, 3]);
    expect(server.lists).toHaveLength(2);
  });

  it("shows its first message", async () => {
    const { server, numbers, receive } = await setUp();
    expect(numbers()).toEqual([]);
    await receive(server.write("ben"));
    expect(numbers()).toEqual([1]);
  });

  it("passes over the messages of other threads", async () => {
    const { numbers, receive } = await setUp(withMessages(1));
    await receive(changed(create(MessageSchema, { threadId: "other", number: 2n })));
    expect(numbers()).toEqual([1]);
  });
});

describe("a thread is read again", () => {
  it("when events may be lost, also while a read is under way", async () => {
    const { server, numbers, again } = await setUp(withMessages(1));
    server.write("ben");
    again();
    again();
    await settled();
    expect(numbers()).toEqual([1, 2]);
    expect(server.lists).toHaveLength(3);
  });

  it("and keeps what is shown when it can't be", async () => {
    const { server, thread, numbers, again } = await setUp(withMessages(1));
    server.fails = true;
    again();
    await settled();
    expect(numbers()).toEqual([1]);
    expect(thread.state.get().problem).toBeDefined();
    server.fails = false;
    thread.load();
    await settled();
    expect(thread.state.get().problem).toBeUndefined();
  });

  it("without waiting for a call of a dead connection", async () => {
    const { server, thread, numbers, receive, again } = await setUp(withMessages(5));
    server.isDead = true;
    thread.setSeen(true);
    thread.load();
    thread.loadOlder();
    await receive(server.write("ben"));
    server.isDead = false;
    again();
    await settled();
    expect(thread.state.get()).toMatchObject({
      problem: undefined,
      loadingOlder: false,
      olderProblem: undefined,
      read: 6n,
    });
    thread.loadOlder();
    await settled();
    expect(numbers()).toEqual([2, 3, 4, 5, 6]);
  });

  it("when a role or a comment ends", async () => {
    const { server, thread, receive } = await setUp(withMessages(1));
    const ended = { kind: NoticeKind.ROLE, sheetId: SHEET };
    server.isGone = true;
    await receive(
      create(NoticeServiceWatchResponseSchema, { event: { case: "notice", value: ended } }),
    );
    expect(thread.state.get().problem).toMatchObject({ code: Code.NotFound });
  });
});

describe("messages are read", () => {
  it("when their end is seen, and not before", async () => {
    const { server, thread } = await setUp(withMessages(2));
    expect(server.marks).toEqual([]);
    thread.setSeen(true);
    await settled();
    expect(server.marks).toEqual([2n]);
    expect(thread.state.get().read).toBe(2n);
  });

  it("as they arrive at a seen end, once for each", async () => {
    const { server, thread, receive } = await setUp(withMessages(1, 1n));
    thread.setSeen(true);
    await receive(server.write("ben"));
    await receive(server.write("ada"));
    expect(server.marks).toEqual([2n]);
  });

  it("by another device", async () => {
    const { thread, receive } = await setUp(withMessages(2));
    const value = { threadId: THREAD, through: 2n, unread: 0 };
    await receive(
      create(NoticeServiceWatchResponseSchema, { event: { case: "threadRead", value } }),
    );
    expect(thread.state.get().read).toBe(2n);
  });

  it("after a failure, a while later", async () => {
    const { server, thread, clock } = await setUp(withMessages(1));
    server.fails = true;
    thread.setSeen(true);
    await settled();
    server.fails = false;
    clock.pass(5_000);
    await settled();
    expect(server.marks).toEqual([1n, 1n]);
    expect(thread.state.get().read).toBe(1n);
  });
});

describe("the line of the unread messages", () => {
  it("stands after what was read", async () => {
    const { thread } = await setUp(withMessages(2, 1n));
    expect(thread.state.get().lineAfter).toBe(1n);
    thread.setSeen(true);
    await settled();
    // It stays while the conversation is read.
    expect(thread.state.get().lineAfter).toBe(1n);
  });

  it("does not exist where all is read", async () => {
    const { thread } = await setUp(withMessages(2, 2n));
    expect(thread.state.get().lineAfter).toBeUndefined();
  });

  it("moves to messages that arrive unseen after all was read", async () => {
    const { server, thread, receive } = await setUp(withMessages(2, 1n));
    thread.setSeen(true);
    await settled();
    thread.setSeen(false);
    await receive(server.write("ben"));
    expect(thread.state.get().lineAfter).toBe(2n);
    await receive(server.write("ben"));
    expect(thread.state.get().lineAfter).toBe(2n);
  });

  it("ends with an own message", async () => {
    const { thread } = await setUp(withMessages(2, 1n));
    thread.send({ text: "x", mentions: [] });
    expect(thread.state.get().lineAfter).toBeUndefined();
  });
});

describe("typing", () => {
  const typing = (personId: string) =>
    create(NoticeServiceWatchResponseSchema, {
      event: { case: "typing", value: { threadId: THREAD, personId, personName: "Ben" } },
    });

  it("of another person is shown for a while", async () => {
    const { thread, clock, receive } = await setUp(withMessages(1));
    await receive(typing("ben"));
    expect(thread.typists.names.get()).toEqual(["Ben"]);
    clock.pass(5_000);
    await receive(typing("ben"));
    clock.pass(5_000);
    expect(thread.typists.names.get()).toEqual(["Ben"]);
    clock.pass(1_000);
    expect(thread.typists.names.get()).toEqual([]);
  });

  it("ends with the message", async () => {
    const { server, thread, receive } = await setUp(withMessages(1));
    await receive(typing("ben"));
    await receive(server.write("ben"));
    expect(thread.typists.names.get()).toEqual([]);
  });

  it("on another device of this account is not shown", async () => {
    const { thread, receive } = await setUp(withMessages(1));
    await receive(typing("ada"));
    expect(thread.typists.names.get()).toEqual([]);
  });

  it("is reported every few seconds at most", async () => {
    const { thread, clock, typed } = await setUp();
    thread.type();
    thread.type();
    clock.pass(2_999);
    thread.type();
    expect(typed()).toBe(1);
    clock.pass(1);
    thread.type();
    expect(typed()).toBe(2);
  });
});

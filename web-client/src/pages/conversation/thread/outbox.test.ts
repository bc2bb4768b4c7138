import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  MessageSchema,
  type SendMessageResponse,
  SendMessageResponseSchema,
} from "../../../gen/gridloom/v1/chat_pb.ts";
import { Kept, type Unsent } from "./kept.ts";
import { Outbox } from "./outbox.ts";
import { items, settled, Timers } from "./test-clock.ts";

interface Call {
  unsent: Unsent;
  signal: AbortSignal;
  answer: (change?: Partial<SendMessageResponse>) => void;
  fail: (error: unknown) => void;
}

const OFFLINE = new ConnectError("x", Code.Unknown, undefined, undefined, new TypeError());

function setUp(storage = items()) {
  const timers = new Timers();
  const calls: Call[] = [];
  const unmentioned: string[] = [];
  let ids = 0;
  const open = () =>
    new Outbox({
      kept: new Kept(storage, "ada", "sheet:1"),
      send: (unsent, signal) =>
        new Promise((resolve, reject) => {
          const message = create(MessageSchema, { clientId: unsent.clientId, text: unsent.text });
          const answer = (change: Partial<SendMessageResponse> = {}) =>
            resolve({ ...create(SendMessageResponseSchema, { message }), ...change });
          calls.push({ unsent, signal, answer, fail: reject });
        }),
      newId: () => `id-${++ids}`,
      now: () => ++ids,
      after: (millis, then) => timers.after(millis, then),
      onUnmentioned: (names) => unmentioned.push(...names),
    });
  const states = (outbox: Outbox) =>
    outbox.messages.get().map(({ text, progress }) => `${text}: ${progress}`);
  return { timers, calls, unmentioned, open, states, storage };
}

const write = (text: string) => ({ text, mentions: [] });

describe("the outbox", () => {
  it("sends one message after the other", async () => {
    const { calls, open } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    outbox.add(write("b"));
    expect(calls.map(({ unsent }) => unsent.text)).toEqual(["a"]);
    calls[0]?.answer();
    await settled();
    expect(calls.map(({ unsent }) => unsent.text)).toEqual(["a", "b"]);
    calls[1]?.answer();
    await settled();
    expect(outbox.messages.get()).toEqual([]);
  });

  it("sends a message again with the id that it had", async () => {
    const { calls, open, states, timers } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    outbox.add(write("b"));
    calls[0]?.fail(OFFLINE);
    await settled();
    expect(states(outbox)).toEqual(["a: waiting", "b: waiting"]);
    timers.pass(2_000);
    expect(states(outbox)).toEqual(["a: sending", "b: sending"]);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.unsent.clientId).toBe(calls[0]?.unsent.clientId);
    calls[1]?.answer();
    await settled();
    expect(states(outbox)).toEqual(["b: sending"]);
  });

  it("waits longer after each failure, and not at all when the network is back", async () => {
    const { calls, open, timers } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    calls[0]?.fail(OFFLINE);
    await settled();
    timers.pass(2_000);
    calls[1]?.fail(OFFLINE);
    await settled();
    timers.pass(2_000);
    expect(calls).toHaveLength(2);
    outbox.retryAll();
    expect(calls).toHaveLength(3);
    // The timer of the last failure has ended with it.
    timers.pass(60_000);
    expect(calls).toHaveLength(3);
  });
});

describe("a call without an answer", () => {
  it("is given up when the network is lost, and made again when it is back", async () => {
    const { calls, open, states } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    outbox.add(write("b"));
    outbox.networkLost();
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(states(outbox)).toEqual(["a: waiting", "b: waiting"]);
    expect(outbox.messages.get()[0]?.problem).toMatch("The server can't be reached.");
    outbox.retryAll();
    expect(calls.map(({ unsent }) => unsent.text)).toEqual(["a", "a"]);
    expect(calls[1]?.unsent.clientId).toBe(calls[0]?.unsent.clientId);
    calls[1]?.answer();
    await settled();
    expect(states(outbox)).toEqual(["b: sending"]);
  });

  it("holds no message up when the connection is another one", async () => {
    const { calls, open, states } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    outbox.retryAll();
    expect(calls).toHaveLength(2);
    calls[1]?.answer();
    await settled();
    expect(states(outbox)).toEqual([]);
    // The end of the first call changes nothing.
    outbox.add(write("b"));
    calls[0]?.fail(new ConnectError("x", Code.Canceled));
    await settled();
    expect(states(outbox)).toEqual(["b: sending"]);
  });

  it("has no effect when none is under way", () => {
    const { open, states, storage } = setUp();
    new Kept(storage, "ada", "sheet:1").keep({ ...write("a"), clientId: "1", at: 1 });
    const outbox = open();
    outbox.networkLost();
    expect(states(outbox)).toEqual(["a: held"]);
  });
});

describe("a message of the outbox", () => {
  it("is left to the event about it when its answer is lost", async () => {
    const { calls, open } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    const clientId = calls[0]?.unsent.clientId ?? "";
    outbox.received([create(MessageSchema, { clientId })]);
    expect(outbox.messages.get()).toEqual([]);
    calls[0]?.fail(OFFLINE);
    await settled();
    expect(outbox.messages.get()).toEqual([]);
    expect(calls).toHaveLength(1);
  });

  it("is found by an id with dashes", () => {
    const storage = items();
    const id = "0123456789abcdef0123456789abcdef";
    new Kept(storage, "ada", "sheet:1").keep({ ...write("a"), clientId: id, at: 1 });
    const outbox = setUp(storage).open();
    const clientId = "01234567-89ab-cdef-0123-456789abcdef";
    outbox.received([create(MessageSchema, { clientId })]);
    expect(outbox.messages.get()).toEqual([]);
  });

  it("that is refused holds up no other", async () => {
    const { calls, open, states, timers } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    outbox.add(write("b"));
    calls[0]?.fail(new ConnectError("x", Code.PermissionDenied));
    await settled();
    expect(states(outbox)).toEqual(["a: held", "b: sending"]);
    expect(outbox.messages.get()[0]?.problem).toBe("You don't have access to this.");
    calls[1]?.answer();
    await settled();
    timers.pass(600_000);
    outbox.retryAll();
    expect(calls).toHaveLength(2);
    outbox.retry(calls[0]?.unsent.clientId ?? "");
    expect(calls[2]?.unsent).toEqual(expect.objectContaining({ text: "a" }));
    expect(calls[2]?.unsent.clientId).toBe(calls[0]?.unsent.clientId);
  });

  it("waits for a person who has to sign in again", async () => {
    const { calls, open, states } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    calls[0]?.fail(new ConnectError("x", Code.Unauthenticated));
    await settled();
    expect(states(outbox)).toEqual(["a: waiting"]);
    outbox.retryAll();
    expect(calls).toHaveLength(2);
  });
});

describe("the storage of the outbox", () => {
  it("keeps what is not sent beyond the page, and it is sent only on request", () => {
    const { calls, open, states } = setUp();
    open().add(write("a"));
    const first = calls[0]?.unsent.clientId;
    const outbox = open();
    expect(states(outbox)).toEqual(["a: held"]);
    outbox.retryAll();
    expect(calls).toHaveLength(1);
    outbox.retry(first ?? "");
    expect(calls).toHaveLength(2);
    expect(calls[1]?.unsent.clientId).toBe(first);
  });

  it("forgets a message that is sent or deleted", async () => {
    const { calls, open } = setUp();
    const outbox = open();
    outbox.add(write("a"));
    outbox.add(write("b"));
    calls[0]?.answer();
    await settled();
    outbox.remove(calls[1]?.unsent.clientId ?? "");
    expect(open().messages.get()).toEqual([]);
  });

  it("has no names of mentioned persons who can't read the thread: they are passed on", async () => {
    const { calls, open, unmentioned } = setUp();
    open().add({
      text: "@Ben @Cy",
      mentions: [
        { id: "b", name: "Ben" },
        { id: "c", name: "Cy" },
      ],
    });
    calls[0]?.answer({ withoutAccess: ["c"] });
    await settled();
    expect(unmentioned).toEqual(["Cy"]);
  });
});

import { expect, test } from "vitest";
import { ANSWER_MILLIS, ASK_MILLIS, IDLE_MILLIS, SILENT_MILLIS } from "./hub.ts";
import { flush, OK, opened, pass, pong, Server } from "./played.ts";
import { UNREAD_BYTES_MOST } from "./session-member.ts";
import { bytesOf, fields, numberOf } from "./wire.ts";

test("twelve tabs share one stream, and each receives the frames of its own session", async () => {
  const server = new Server();
  const tabs = Array.from({ length: 12 }, () => server.tab());
  for (const tab of tabs) tab.send({ kind: "open", key: 1, token: "t" });
  expect(server.streams).toHaveLength(1);
  opened(server.stream);
  const numbers = tabs.map((tab) => tab.session);
  expect(new Set(numbers).size).toBe(12);
  for (const [at, number] of numbers.entries()) pong(server.stream, number, BigInt(at));
  for (const [at, tab] of tabs.entries()) {
    const [frame] = tab.of("frame");
    expect(tab.of("frame")).toHaveLength(1);
    // `Pong` is field 9 of the frame, and its nonce is field 1.
    const nonce = numberOf(fields(bytesOf(fields(frame?.bytes ?? new Uint8Array()), 9)), 1);
    expect(nonce).toBe(at);
  }
  const late = server.tab();
  late.send({ kind: "open", key: 1, token: "t" });
  expect(late.of("place")).toHaveLength(1);
});

test("a session that ends has its status, and the others continue", async () => {
  const server = new Server();
  const [one, two] = [server.tab(), server.tab()];
  for (const tab of [one, two]) tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  const status = { code: 7, message: "Your access has ended." };
  server.stream.send({ frame: { case: "end", value: { session: one.session, status } } });
  expect(one.of("end")).toMatchObject([{ key: 1, end: status }]);
  pong(server.stream, two.session, 1n);
  expect(two.of("frame")).toHaveLength(1);
  expect(two.of("end")).toHaveLength(0);
  one.send({ kind: "close", key: 1 });
  await flush();
  expect(server.detached).toEqual([]);
});

test("a closed session is detached once under its own token", async () => {
  const server = new Server();
  const [one, two] = [server.tab(), server.tab()];
  one.send({ kind: "open", key: 1, token: "guest" });
  two.send({ kind: "open", key: 1, token: "ada" });
  opened(server.stream);
  two.send({ kind: "close", key: 1 });
  two.send({ kind: "close", key: 1 });
  // Frames that are on their way reach no tab, and cause no further call.
  pong(server.stream, two.session, 1n);
  pong(server.stream, two.session, 2n);
  await flush();
  expect(server.detached).toEqual([{ session: two.session, token: "ada" }]);
  expect(two.of("frame")).toEqual([]);
});

test("a tab that crashes is gone within 35 s, and immediately where the browser has locks", async () => {
  const server = new Server();
  const [crashed, stays, locked] = [server.tab(), server.tab(), server.tab()];
  for (const tab of [crashed, stays, locked]) tab.send({ kind: "open", key: 1, token: "t" });
  locked.send({ kind: "lock", name: "tab" });
  opened(server.stream);
  server.locks.get("tab")?.();
  await flush();
  expect(server.detached).toMatchObject([{ session: locked.session }]);
  await pass(server, ASK_MILLIS);
  crashed.answers = false;
  const begun = server.clock.time;
  while (server.detached.length < 2) await pass(server, 1_000);
  expect(server.clock.time - begun).toBeLessThanOrEqual(ASK_MILLIS + ANSWER_MILLIS);
  expect(server.detached[1]).toMatchObject({ session: crashed.session });
  await pass(server, 10 * ANSWER_MILLIS);
  expect(server.detached).toHaveLength(2);
});

test("a tab that was frozen receives the end of its session, and opens it again", async () => {
  const server = new Server();
  const tab = server.tab();
  tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  tab.answers = false;
  await pass(server, ASK_MILLIS + 2 * ANSWER_MILLIS);
  expect(tab.of("end")).toMatchObject([{ key: 1, end: { why: "lost" } }]);
  tab.answers = true;
  tab.send({ kind: "open", key: 2, token: "t" });
  opened(server.stream);
  expect(tab.of("place")).toHaveLength(2);
  await pass(server, 10 * ANSWER_MILLIS);
  expect(tab.of("end")).toHaveLength(1);
});

test("a page that is left is detached immediately", async () => {
  const server = new Server();
  const tab = server.tab();
  for (const key of [1, 2]) tab.send({ kind: "open", key, token: "t" });
  opened(server.stream);
  tab.send({ kind: "leave" });
  await flush();
  expect(server.detached).toHaveLength(2);
});

test("a stream that is cut ends all sessions, which continue on another one", async () => {
  const server = new Server();
  const tabs = [server.tab(), server.tab()];
  for (const tab of tabs) tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  server.stream.end({ ...OK, code: 14, why: "network" });
  await flush();
  for (const tab of tabs) {
    expect(tab.of("end")).toMatchObject([{ end: { why: "network" } }]);
    tab.send({ kind: "open", key: 2, token: "t" });
  }
  expect(server.streams).toHaveLength(2);
  opened(server.stream, "there");
  for (const tab of tabs) expect(tab.of("place").at(-1)?.connectionId).toBe("there");
});

test("a stream that is silent is replaced within 35 s", async () => {
  const server = new Server();
  const tab = server.tab();
  tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  await server.clock.pass(SILENT_MILLIS - 1);
  expect(server.kept.length).toBeGreaterThan(1);
  expect(tab.of("end")).toHaveLength(0);
  await server.clock.pass(5_001);
  expect(tab.of("end")).toMatchObject([{ end: { why: "lost" } }]);
  expect(server.stream.signal.aborted).toBe(true);
});

test("a connection that the server does not know any more is replaced at the next call", async () => {
  const server = new Server();
  const tab = server.tab();
  tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  server.keepAnswer = { ...OK, code: 5 };
  await server.clock.pass(ASK_MILLIS);
  expect(tab.of("end")).toMatchObject([{ end: { why: "lost" } }]);
});

test("a token that ends signs out its own tabs alone", async () => {
  const server = new Server();
  const [old, fresh] = [server.tab(), server.tab()];
  old.send({ kind: "open", key: 1, token: "old" });
  fresh.send({ kind: "open", key: 1, token: "fresh" });
  opened(server.stream);
  server.stream.end({ ...OK, code: 16 });
  await flush();
  expect(old.of("end")).toMatchObject([{ end: { code: 16 } }]);
  expect(fresh.of("end")).toMatchObject([{ end: { why: "lost" } }]);
});

test("a tab that does not process its frames loses its session, and no other", async () => {
  const server = new Server();
  const [slow, other] = [server.tab(), server.tab()];
  for (const tab of [slow, other]) tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  const data = new Uint8Array(8 * 1024 * 1024);
  const piece = { frame: { case: "piece" as const, value: { data, left: 1 } } };
  const send = (session: number) =>
    server.stream.send({ frame: { case: "session", value: { session, frame: piece } } });
  const most = Math.ceil(UNREAD_BYTES_MOST / data.length);
  for (let sent = 0; sent < 2 * most; sent++) {
    send(other.session);
    other.send({ kind: "read", key: 1, bytes: other.of("frame").at(-1)?.bytes.length ?? 0 });
    other.received.splice(1);
  }
  expect(other.of("end")).toHaveLength(0);
  for (let sent = 0; sent < most; sent++) send(slow.session);
  expect(slow.of("end")).toMatchObject([{ end: { why: "lost" } }]);
  await flush();
  expect(server.detached).toMatchObject([{ session: slow.session }]);
});

test("a connection without a session closes after a while", async () => {
  const server = new Server();
  const tab = server.tab();
  tab.send({ kind: "open", key: 1, token: "t" });
  opened(server.stream);
  tab.send({ kind: "close", key: 1 });
  await server.clock.pass(IDLE_MILLIS - 1);
  tab.send({ kind: "open", key: 2, token: "t" });
  await server.clock.pass(IDLE_MILLIS);
  expect(server.stream.signal.aborted).toBe(false);
  tab.send({ kind: "close", key: 2 });
  await server.clock.pass(IDLE_MILLIS);
  expect(server.stream.signal.aborted).toBe(true);
  expect(server.streams).toHaveLength(1);
});

test("sessions continue on another connection when the token is renewed", async () => {
  const server = new Server();
  const [one, two] = [server.tab(), server.tab()];
  for (const tab of [one, two]) tab.send({ kind: "open", key: 1, token: "old" });
  opened(server.stream);
  // Each tab reports it; the second report changes nothing.
  for (const tab of [one, two]) tab.send({ kind: "renewed", from: "old", to: "new" });
  await pass(server, ASK_MILLIS);
  expect(server.keptUnder).toEqual(["new"]);
  one.send({ kind: "close", key: 1 });
  expect(server.detached).toEqual([{ session: one.session, token: "new" }]);
  // The server ends the stream with its own token; the session has not ended for that.
  server.stream.end({ code: 16, message: "The token has ended.", details: new Uint8Array() });
  await flush();
  expect(two.of("end")).toMatchObject([{ key: 1, end: { code: 0, why: "lost" } }]);
  two.send({ kind: "open", key: 2, token: "new" });
  expect(server.stream.token).toBe("new");
});

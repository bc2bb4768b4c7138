import { expect, test } from "vitest";
import { ANSWER_MILLIS, ASK_MILLIS, IDLE_MILLIS } from "./hub.ts";
import { UNREAD_NOTICE_BYTES_MOST } from "./notice-member.ts";
import { flush, notice, noticeFrame, OK, opened, pass, pong, Server, type Tab } from "./played.ts";

function opens(tab: Tab, token = "t", after?: number, key = 1): void {
  tab.send({ kind: "notices", key, token, after });
}

test("twelve tabs share one stream of notices, and a later tab receives where it is", async () => {
  const server = new Server();
  const tabs = Array.from({ length: 12 }, () => server.tab());
  for (const tab of tabs) opens(tab);
  expect(server.streams).toHaveLength(1);
  opened(server.stream);
  expect(server.attached).toMatchObject([{ token: "t", after: undefined }]);
  const [{ session } = expect.unreachable()] = server.attached;
  for (const number of [7n, 8n]) notice(server.stream, session, number);
  for (const tab of tabs) expect(tab.notices).toEqual([7, 8]);
  const late = server.tab();
  opens(late);
  notice(server.stream, session, 9n);
  expect(late.notices).toEqual([8, 9]);
  expect(tabs[0]?.notices).toEqual([7, 8, 9]);
  expect(server.attached).toHaveLength(1);
});

test("the notices of another token are a stream of their own, beside the sessions", async () => {
  const server = new Server();
  const [ada, guest] = [server.tab(), server.tab()];
  opens(ada, "ada");
  opens(guest, "guest");
  ada.send({ kind: "open", key: 2, token: "ada" });
  opened(server.stream);
  expect(server.attached.map(({ token }) => token)).toEqual(["ada", "guest"]);
  notice(server.stream, server.attached[1]?.session ?? 0, 5n);
  pong(server.stream, ada.session, 1n);
  expect(guest.notices).toEqual([5]);
  expect(ada.of("frame")).toMatchObject([{ key: 2 }]);
});

test("a stream that ends has its status in each tab, and continues after the last answer", async () => {
  const server = new Server();
  const tabs = [server.tab(), server.tab()];
  for (const tab of tabs) opens(tab);
  opened(server.stream);
  const [{ session } = expect.unreachable()] = server.attached;
  await flush();
  notice(server.stream, session, 7n);
  const status = { code: 14, message: "The server shuts down." };
  server.stream.send({ frame: { case: "end", value: { session, status } } });
  for (const tab of tabs) expect(tab.of("end")).toMatchObject([{ key: 1, end: status }]);
  for (const tab of tabs) opens(tab, "t", 7, 2);
  expect(server.attached.slice(1)).toMatchObject([{ after: 7 }]);
  await flush();
  expect(server.detached).toEqual([]);
});

test("a connection that is cut ends the notices of every tab, and the next one carries them", async () => {
  const server = new Server();
  const tabs = [server.tab(), server.tab()];
  for (const tab of tabs) opens(tab);
  opened(server.stream);
  server.stream.end({ ...OK, code: 14, why: "network" });
  await flush();
  for (const tab of tabs) {
    expect(tab.of("end")).toMatchObject([{ end: { why: "network" } }]);
    opens(tab, "t", 7, 2);
  }
  expect(server.streams).toHaveLength(2);
  opened(server.stream);
  expect(server.attached.slice(1)).toMatchObject([{ after: 7 }]);
});

test("an error of the call ends the stream of each tab with its status", async () => {
  for (const [code, end] of [
    [8, { code: 8 }],
    [16, { code: 16 }],
    // The connection is gone: another one is opened.
    [5, { why: "lost" }],
  ] as const) {
    const server = new Server();
    server.attachAnswer = Promise.resolve({ ...OK, code });
    const tab = server.tab();
    opens(tab);
    opened(server.stream);
    await flush();
    expect(tab.of("end")).toMatchObject([{ end }]);
    await flush();
    expect(server.detached).toEqual([]);
  }
});

test("notices that no tab holds any more are detached once, and not before they are attached", async () => {
  const server = new Server();
  let answer: (end: typeof OK) => void = () => undefined;
  server.attachAnswer = new Promise((resolve) => (answer = resolve));
  const [one, two] = [server.tab(), server.tab()];
  for (const tab of [one, two]) opens(tab);
  opened(server.stream);
  one.send({ kind: "close", key: 1 });
  two.send({ kind: "leave" });
  await flush();
  expect(server.detached).toEqual([]);
  answer(OK);
  await flush();
  expect(server.detached).toEqual([{ session: server.attached[0]?.session, token: "t" }]);
  await server.clock.pass(IDLE_MILLIS);
  expect(server.stream.signal.aborted).toBe(true);
});

test("a tab that is gone leaves the notices of the others as they are", async () => {
  const server = new Server();
  const [gone, stays] = [server.tab(), server.tab()];
  for (const tab of [gone, stays]) opens(tab);
  opened(server.stream);
  gone.answers = false;
  await pass(server, ASK_MILLIS + 2 * ANSWER_MILLIS);
  expect(gone.of("end")).toMatchObject([{ end: { why: "lost" } }]);
  const [{ session } = expect.unreachable()] = server.attached;
  notice(server.stream, session, 7n);
  expect(stays.notices).toEqual([7]);
  expect(gone.notices).toEqual([]);
  expect(server.detached).toEqual([]);
});

test("a tab that does not process its notices loses them, and no other tab does", async () => {
  const server = new Server();
  const [slow, other] = [server.tab(), server.tab()];
  for (const tab of [slow, other]) opens(tab);
  opened(server.stream);
  const [{ session } = expect.unreachable()] = server.attached;
  const text = "x".repeat(64 * 1024);
  const message = { case: "message" as const, value: { message: { text } } };
  for (let number = 1n; number <= UNREAD_NOTICE_BYTES_MOST / text.length + 1; number++) {
    server.stream.pass(noticeFrame(session, { number, event: message }));
    other.send({ kind: "read", key: 1, bytes: other.of("frame").at(-1)?.bytes.length ?? 0 });
  }
  expect(slow.of("end")).toMatchObject([{ end: { why: "lost" } }]);
  expect(other.of("end")).toEqual([]);
  slow.received.length = 0;
  opens(slow, "t", 3, 2);
  expect(slow.notices).toEqual([other.notices.at(-1)]);
  other.send({ kind: "close", key: 1 });
  slow.send({ kind: "close", key: 2 });
  await flush();
  expect(server.detached).toMatchObject([{ session }]);
});

/** The server ends a stream of notices with the token that it was attached under. */
function endsWithToken(server: Server, session: number): void {
  const status = { code: 16, message: "The token has ended." };
  server.stream.send({ frame: { case: "end", value: { session, status } } });
}

test("the notices of a renewed token are one stream, which continues under the new token", async () => {
  const server = new Server();
  const tabs = [server.tab(), server.tab()];
  for (const tab of tabs) opens(tab, "old");
  opened(server.stream);
  const [{ session } = expect.unreachable()] = server.attached;
  await flush();
  notice(server.stream, session, 7n);
  for (const tab of tabs) tab.send({ kind: "renewed", from: "old", to: "new" });
  const late = server.tab();
  opens(late, "new");
  notice(server.stream, session, 8n);
  expect([...tabs, late].map((tab) => tab.notices)).toEqual([
    [7, 8],
    [7, 8],
    [7, 8],
  ]);
  expect(server.attached).toHaveLength(1);
  endsWithToken(server, session);
  // No tab is signed out: the token that has ended is not the one of the tabs.
  for (const tab of [...tabs, late])
    expect(tab.of("end")).toMatchObject([{ end: { code: 0, why: "lost" } }]);
  for (const tab of [...tabs, late]) opens(tab, "new", 8, 2);
  expect(server.attached.slice(1)).toMatchObject([{ token: "new", after: 8 }]);
  // An end under the present token is its own.
  await flush();
  endsWithToken(server, server.attached[1]?.session ?? 0);
  expect(late.of("end").at(-1)).toMatchObject({ key: 2, end: { code: 16 } });
});

test("a tab that joins late under the old token continues with the others", async () => {
  const server = new Server();
  const [first, late] = [server.tab(), server.tab()];
  opens(first, "old");
  opened(server.stream);
  first.send({ kind: "renewed", from: "old", to: "new" });
  opens(late, "old", 3);
  await flush();
  const [of, lone] = server.attached.map(({ session }) => session);
  late.send({ kind: "renewed", from: "old", to: "new" });
  expect(late.of("end")).toMatchObject([{ end: { why: "lost" } }]);
  expect(server.detached).toEqual([{ session: lone, token: "new" }]);
  opens(late, "new", 3, 2);
  notice(server.stream, of ?? 0, 4n);
  expect([first.notices, late.notices]).toEqual([[4], [4]]);
  expect(server.attached).toHaveLength(2);
});

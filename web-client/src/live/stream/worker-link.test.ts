import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ToTab, ToWorker } from "./messages.ts";
import { WORKER_SILENT_MILLIS, WorkerLink, type WorkerPort } from "./worker-link.ts";

class Port implements WorkerPort {
  onmessage: WorkerPort["onmessage"] = null;
  readonly sent: ToWorker[] = [];
  closed = false;
  constructor(readonly fail: () => void) {}
  postMessage = (message: ToWorker) => void this.sent.push(message);
  close(): void {
    this.closed = true;
  }
  send(data: ToTab): void {
    this.onmessage?.({ data } as MessageEvent<ToTab>);
  }
}

function start(lock?: Promise<string>) {
  const ports: Port[] = [];
  const link = new WorkerLink({
    connect: (onFailure) => {
      const port = new Port(onFailure);
      ports.push(port);
      return port;
    },
    now: () => Date.now(),
    after: (millis, then) => {
      const timer = setTimeout(then, millis);
      return () => clearTimeout(timer);
    },
    lock,
  });
  return { link, ports };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each session receives its own messages in order", async () => {
  const { link, ports } = start();
  const [one, two] = [link.open("t"), link.open("t")];
  const bytes = Uint8Array.from([7]);
  ports[0]?.send({ kind: "place", key: one.key, connectionId: "c", session: 4 });
  ports[0]?.send({ kind: "frame", key: two.key, bytes });
  ports[0]?.send({ kind: "frame", key: one.key, bytes });
  expect(await one.inbox.next()).toMatchObject({ kind: "place", session: 4 });
  expect(await one.inbox.next()).toMatchObject({ kind: "frame" });
  expect(await two.inbox.next()).toMatchObject({ kind: "frame" });
  expect(ports).toHaveLength(1);
  link.close(one.key);
  link.close(one.key);
  expect(ports[0]?.sent.filter(({ kind }) => kind === "close")).toHaveLength(1);
});

test("the link answers each question, and names its lock", async () => {
  const { link, ports } = start(Promise.resolve("mine"));
  link.open("t");
  ports[0]?.send({ kind: "ask" });
  await vi.advanceTimersByTimeAsync(0);
  expect(ports[0]?.sent).toContainEqual({ kind: "alive" });
  expect(ports[0]?.sent).toContainEqual({ kind: "lock", name: "mine" });
});

test("a worker that does not answer is replaced, and its sessions fail", async () => {
  const { link, ports } = start();
  const { inbox } = link.open("t");
  const next = inbox.next();
  const failed = expect(next).rejects.toThrow("lost");
  await vi.advanceTimersByTimeAsync(WORKER_SILENT_MILLIS + 10_000);
  await failed;
  expect(ports[0]).toMatchObject({ closed: true });
  expect(ports[0]?.sent.at(-1)).toEqual({ kind: "leave" });
  link.open("t");
  expect(ports).toHaveLength(2);
});

test("a worker that asks is not replaced", async () => {
  const { link, ports } = start();
  link.open("t");
  for (let passed = 0; passed < 20; passed++) {
    await vi.advanceTimersByTimeAsync(10_000);
    ports[0]?.send({ kind: "ask" });
  }
  expect(ports).toHaveLength(1);
});

test("a worker whose file does not load fails its sessions and is not used again", async () => {
  const { link, ports } = start();
  const { inbox } = link.open("t");
  const failed = expect(inbox.next()).rejects.toThrow();
  ports[0]?.fail();
  await failed;
  expect(link.failed).toBe(true);
});

test("processed bytes are reported in larger amounts, and none is left out", () => {
  const { link, ports } = start();
  const { key } = link.open("t");
  for (let frame = 0; frame < 64; frame++) link.read(key, 4_000);
  const reports = ports[0]?.sent.filter(({ kind }) => kind === "read") ?? [];
  const sum = reports.reduce((sum, it) => sum + (it.kind === "read" ? it.bytes : 0), 0);
  expect(reports.length).toBeLessThan(5);
  expect(sum).toBeGreaterThan(64 * 4_000 - 64 * 1024);
});

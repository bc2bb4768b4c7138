import { expect, test } from "vitest";
import { Connection } from "./connection.ts";
import type { Core, Environment, ErrorClass, Gate, Phase, Port } from "./interfaces.ts";

/** A frame, or with `more` a piece of a welcome. */
type In = { welcome?: string; text?: string; more?: boolean };

/** A network that the test controls: each session is a series of frames, then an end. */
class FakePort implements Port<string, In, string> {
  readonly hellos: string[] = [];
  readonly sent: { id: string; first: bigint; frames: readonly string[] }[] = [];
  promisesFrames = false;
  sendErrors: unknown[] = [];
  #feed: ((frame: In | Error | "end") => void) | undefined;

  async *watch(hello: string, signal: AbortSignal): AsyncIterable<In> {
    this.hellos.push(hello);
    const waiting: (In | Error | "end")[] = [];
    let notify = () => {};
    this.#feed = (frame) => {
      waiting.push(frame);
      notify();
    };
    signal.addEventListener("abort", () => this.#feed?.("end"));
    for (;;) {
      const next = waiting.shift();
      if (next === undefined) await new Promise<void>((resolve) => (notify = resolve));
      else if (next === "end") return;
      else if (next instanceof Error) throw next;
      else yield next;
    }
  }

  async feed(frame: In | Error | "end"): Promise<void> {
    this.#feed?.(frame);
    await flushMicrotasks();
  }

  async send(id: string, first: bigint, frames: readonly string[]): Promise<bigint> {
    this.sent.push({ id, first, frames });
    const error = this.sendErrors.shift();
    if (error !== undefined) throw error;
    return first + BigInt(frames.length) - 1n;
  }

  size = (frame: string) => frame.length;
  ping = (nonce: bigint) => `ping ${nonce}`;
  key = "key 1";
  token = () => this.key;
  refresh = (token: string) => `refresh ${token}`;
  classify(error: unknown): ErrorClass {
    const text = error instanceof Error ? error.message : String(error);
    if (text === "gone") return { kind: "final", end: "no-sheet", text };
    return { kind: text === "lost" ? "lost" : "retry", text };
  }
  classifySend = (error: unknown) => this.classify(error);
}

class FakeCore implements Core<string, In, string> {
  out: string[] = [];
  received: string[] = [];
  sessions = 0;
  hello = () => `hello ${++this.sessions}`;
  receive = ({ welcome, text, more }: In) => {
    this.received.push(text ?? welcome ?? "");
    return more ? undefined : welcome;
  };
  outgoing = () => this.out.splice(0);
  pending = 0;
  unsaved = () => this.pending > 0;
  disconnected = () => void this.received.push("disconnected");
}

/** A gate that the test opens and that recalls when the test asks for it. */
class FakeGate implements Gate {
  permits = 0;
  shut = false;
  revoke: () => void = () => undefined;
  waiting: ((why: "hidden" | "crowded") => void) | undefined;
  #open: () => void = () => undefined;
  #closed = false;

  async acquire(waiting: (why: "hidden" | "crowded") => void, revoke: () => void) {
    this.revoke = revoke;
    while (this.shut && !this.#closed) {
      waiting("crowded");
      await new Promise<void>((resolve) => (this.#open = resolve));
    }
    if (this.#closed) return undefined;
    this.permits++;
    return { release: () => void this.permits-- };
  }

  close(): void {
    this.#closed = true;
    this.#open();
  }

  async open(): Promise<void> {
    this.shut = false;
    this.#open();
    await flushMicrotasks();
  }
}

class FakeEnvironment implements Environment {
  online = true;
  time = 0;
  readonly timers = new Map<() => void, number>();
  now = () => this.time;
  random = () => 1;
  isOnline = () => this.online;
  after(millis: number, then: () => void): () => void {
    this.timers.set(then, millis);
    return () => this.timers.delete(then);
  }
  /** Runs the timer with this delay. */
  async fire(millis: number): Promise<void> {
    const timer = [...this.timers].find(([, wait]) => wait === millis);
    expect(timer, `no timer of ${millis} ms`).toBeDefined();
    if (timer === undefined) return;
    this.timers.delete(timer[0]);
    timer[0]();
    await flushMicrotasks();
  }
}

async function flushMicrotasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

async function start() {
  const core = new FakeCore();
  const port = new FakePort();
  const environment = new FakeEnvironment();
  const phases: Phase[] = [];
  const gate = new FakeGate();
  const connection = new Connection(core, port, environment, gate, (phase) => phases.push(phase));
  const done = connection.run();
  await flushMicrotasks();
  return {
    core,
    port,
    environment,
    gate,
    phases,
    connection,
    done,
    last: () => phases.at(-1)?.kind,
  };
}

test("is online when the server has sent the session id, and sends the waiting frames", async () => {
  const t = await start();
  t.core.out.push("edit");
  t.connection.pump();
  expect(t.port.sent).toEqual([]);
  expect(t.last()).toBe("connecting");
  await t.port.feed({ welcome: "s1" });
  expect(t.last()).toBe("online");
  expect(t.port.sent).toEqual([{ id: "s1", first: 1n, frames: ["edit"] }]);
});

test("is online when all pieces of the welcome have arrived", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1", more: true });
  await t.port.feed({ welcome: "s1", more: true });
  expect(t.last()).toBe("connecting");
  await t.port.feed({ welcome: "s1" });
  expect(t.last()).toBe("online");
});

test("reconnects with growing delays, and numbers the frames of a new session from 1", async () => {
  const t = await start();
  await t.port.feed(new Error("reset"));
  expect(t.phases.at(-1)).toEqual({ kind: "waiting", retryAt: 250, reason: "reset" });
  await t.environment.fire(250);
  await t.port.feed(new Error("reset"));
  await t.environment.fire(500);
  await t.port.feed({ welcome: "s3" });
  t.core.out.push("a");
  t.connection.pump();
  await flushMicrotasks();
  t.environment.time = 60_000;
  await t.port.feed(new Error("reset"));
  // A session that lasts resets the backoff; one that is dropped immediately does not.
  await t.environment.fire(250);
  await t.port.feed({ welcome: "s4" });
  t.core.out.push("a");
  t.connection.pump();
  expect(t.port.sent.map((s) => [s.id, s.first])).toEqual([
    ["s3", 1n],
    ["s4", 1n],
  ]);
  expect(t.port.hellos).toEqual(["hello 1", "hello 2", "hello 3", "hello 4"]);
});

test("a failed send is repeated in the same session with the same numbers", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  t.port.sendErrors = [new Error("reset")];
  t.core.out.push("a");
  t.connection.pump();
  await flushMicrotasks();
  await t.environment.fire(250);
  expect(t.port.sent.map((s) => [s.first, s.frames])).toEqual([
    [1n, ["a"]],
    [1n, ["a"]],
  ]);
  expect(t.port.hellos.length).toBe(1);
});

test("a session that the server no longer knows is replaced", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  t.port.sendErrors = [new Error("lost")];
  t.core.out.push("a");
  t.connection.pump();
  await flushMicrotasks();
  expect(t.last()).toBe("waiting");
  expect(t.core.received).toEqual(["s1", "disconnected"]);
});

test("a final error closes the connection until the person asks for another attempt", async () => {
  const t = await start();
  await t.port.feed(new Error("gone"));
  expect(t.phases.at(-1)).toEqual({ kind: "closed", end: "no-sheet", reason: "gone" });
  expect(t.port.hellos.length).toBe(1);
  t.connection.retryNow();
  await flushMicrotasks();
  await t.port.feed({ welcome: "s2" });
  expect(t.last()).toBe("online");
  t.connection.stop();
  await t.done;
  expect(t.gate.permits).toBe(0);
});

test("a revoked session ends when its edits are accepted, and waits for another permit", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  t.core.pending = 1;
  t.gate.shut = true;
  t.gate.revoke();
  await t.port.feed({ text: "others" });
  expect(t.last()).toBe("online");
  t.core.pending = 0;
  await t.port.feed({ text: "accepted" });
  expect(t.last()).toBe("online");
  t.environment.time = 1_000;
  await t.environment.fire(1_000);
  expect(t.phases.at(-1)).toMatchObject({ kind: "paused", why: "crowded" });
  expect(t.gate.permits).toBe(0);
  await t.gate.open();
  await t.port.feed({ welcome: "s2" });
  expect(t.last()).toBe("online");
  // A revocation is not a failure: there is no backoff.
  expect(t.phases.some(({ kind }) => kind === "waiting")).toBe(false);
});

test("losing the network ends the session immediately, and its return opens one immediately", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  t.environment.online = false;
  t.connection.networkLost();
  await flushMicrotasks();
  expect(t.last()).toBe("waiting");
  await t.environment.fire(250);
  expect(t.port.hellos.length).toBe(1);
  t.environment.online = true;
  t.connection.retryNow();
  await flushMicrotasks();
  expect(t.last()).toBe("connecting");
  expect(t.port.hellos.length).toBe(2);
});

test("silence causes a ping, and further silence ends the session", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  await t.environment.fire(20_000);
  expect(t.port.sent.at(-1)?.frames).toEqual(["ping 4294967296"]);
  await t.port.feed({ text: "pong" });
  await t.environment.fire(20_000);
  await t.environment.fire(20_000);
  expect(t.phases.at(-1)).toMatchObject({ kind: "waiting", reason: "The server does not answer." });
});

test("a session that promises frames sends a ping also while frames arrive, and none beside others", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  expect([...t.environment.timers.values()]).not.toContain(10_000);
  t.port.promisesFrames = true;
  await t.port.feed(new Error("lost"));
  t.connection.retryNow();
  await flushMicrotasks();
  await t.port.feed({ welcome: "s2" });
  for (const pings of [1, 2]) {
    t.environment.time += 10_000;
    await t.port.feed({ text: "change" });
    await t.environment.fire(10_000);
    expect(t.port.sent.length).toBe(pings);
  }
  expect(t.port.sent.at(-1)?.frames).toEqual(["ping 4294967297"]);
  t.environment.time += 5_000;
  t.core.out = ["edit"];
  t.connection.pump();
  await flushMicrotasks();
  t.environment.time += 5_000;
  await t.environment.fire(10_000);
  expect(t.port.sent.at(-1)?.frames).toEqual(["edit"]);
});

test("stop ends the session and the run", async () => {
  const t = await start();
  await t.port.feed({ welcome: "s1" });
  t.connection.stop();
  await t.done;
  expect(t.core.received.at(-1)).toBe("disconnected");
  expect(t.last()).toBe("online");
});

test("a session continues under another token, also one that came while it opened", async () => {
  const t = await start();
  t.port.key = "key 2";
  t.connection.refresh();
  expect(t.port.sent).toEqual([]);
  await t.port.feed({ welcome: "s1" });
  t.connection.refresh();
  t.port.key = "key 3";
  t.connection.refresh();
  await flushMicrotasks();
  expect(t.port.sent.flatMap(({ frames }) => frames)).toEqual(["refresh key 2", "refresh key 3"]);
  expect(t.port.hellos).toEqual(["hello 1"]);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Permit } from "../connection/interfaces.ts";
import { type Environment, type Shared, StreamSlots } from "./stream-slots.ts";

/** One browser whose tabs share names and a channel. */
class Browser {
  constructor(readonly names: readonly string[] = ["a", "b", "c", "d"]) {}
  readonly holders = new Map<string, Tab>();
  readonly tabs: Tab[] = [];

  open(): Tab {
    const tab = new Tab(this);
    this.tabs.push(tab);
    return tab;
  }
}

class Tab {
  hidden = false;
  unsaved = false;
  permits = 0;
  waited: string[] = [];
  readonly #visibility = new Set<() => void>();
  readonly #listeners = new Set<(event: MessageEvent) => void>();
  readonly slots: StreamSlots;

  constructor(browser: Browser) {
    const environment: Environment = {
      now: () => Date.now(),
      random: () => 0.5,
      after: (millis, then) => {
        const timer = setTimeout(then, millis);
        return () => clearTimeout(timer);
      },
      isHidden: () => this.hidden,
      onVisibility: (then) => {
        this.#visibility.add(then);
        return () => this.#visibility.delete(then);
      },
    };
    const channel = {
      addEventListener: (_: string, listener: (event: MessageEvent) => void) =>
        this.#listeners.add(listener),
      removeEventListener: (_: string, listener: (event: MessageEvent) => void) =>
        this.#listeners.delete(listener),
      postMessage: (data: unknown) => {
        for (const other of browser.tabs) if (other !== this) other.receive(data);
      },
    } as unknown as BroadcastChannel;
    const hold: Shared["hold"] = async (name) => {
      if (browser.holders.has(name)) return undefined;
      browser.holders.set(name, this);
      return { release: () => void browser.holders.delete(name) };
    };
    this.slots = new StreamSlots(
      environment,
      { names: browser.names, hold, channel },
      () => this.unsaved,
    );
  }

  receive(data: unknown): void {
    for (const listener of this.#listeners) listener({ data } as MessageEvent);
  }

  show(shown: boolean): void {
    this.hidden = !shown;
    for (const listener of this.#visibility) listener();
  }

  /** Acts as a connection: holds a stream until it is revoked, repeatedly. */
  async run(): Promise<void> {
    for (;;) {
      let revoke: () => void = () => undefined;
      const revoked = new Promise<void>((resolve) => (revoke = resolve));
      const permit: Permit | undefined = await this.slots.acquire(
        (why) => this.waited.push(why),
        revoke,
      );
      if (permit === undefined) return;
      this.permits++;
      await revoked;
      permit.release();
    }
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(count: number, browser = new Browser()): Promise<Browser> {
  for (let n = 0; n < count; n++) void browser.open().run();
  await vi.advanceTimersByTimeAsync(0);
  return browser;
}

test("four tabs hold streams, and keep them while no tab waits", async () => {
  const browser = await opened(4);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(browser.tabs.map(({ permits }) => permits)).toEqual([1, 1, 1, 1]);
});

test("each of many tabs gets a stream in turn, and at most four hold one", async () => {
  const browser = await opened(9);
  for (let seconds = 0; seconds < 60; seconds++) {
    await vi.advanceTimersByTimeAsync(1_000);
    expect(browser.holders.size).toBeLessThanOrEqual(4);
  }
  for (const tab of browser.tabs) expect(tab.permits).toBeGreaterThan(0);
  expect(browser.tabs.at(-1)?.waited[0]).toBe("crowded");
});

test("tabs take turns with a single stream", async () => {
  const browser = await opened(3, new Browser(["notices"]));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(browser.holders.size).toBe(1);
  for (const tab of browser.tabs) expect(tab.permits).toBeGreaterThan(1);
});

test("a tab with unsaved edits gets a stream within seconds", async () => {
  const browser = await opened(8);
  await vi.advanceTimersByTimeAsync(5_000);
  const waiting = browser.tabs.find((tab) => ![...browser.holders.values()].includes(tab));
  if (waiting === undefined) return expect.unreachable("some tab waits");
  const before = waiting.permits;
  waiting.unsaved = true;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(waiting.permits).toBeGreaterThan(before);
});

test("a hidden page releases its stream after a while, and gets one when it is shown", async () => {
  const browser = await opened(1);
  const tab = browser.tabs[0] ?? expect.unreachable("it was opened");
  tab.show(false);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(browser.holders.size).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(browser.holders.size).toBe(0);
  expect(tab.waited).toEqual(["hidden"]);
  tab.show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(browser.holders.size).toBe(1);
});

test("a page that is shown again in time keeps its stream", async () => {
  const browser = await opened(1);
  const tab = browser.tabs[0] ?? expect.unreachable("it was opened");
  tab.show(false);
  await vi.advanceTimersByTimeAsync(20_000);
  tab.show(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tab.permits).toBe(1);
});

test("a closed gate grants no permit", async () => {
  const browser = await opened(5);
  const last = browser.tabs.at(-1) ?? expect.unreachable("it was opened");
  last.slots.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(last.permits).toBe(0);
});

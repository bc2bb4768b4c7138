import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Claims, type Tabs } from "./claims.ts";

/** One browser: the storage of its tabs, and the channel between them. */
class Browser {
  readonly kept = new Map<string, string>();
  readonly channels: { live: boolean; channel: BroadcastChannel; waiting: unknown[] }[] = [];

  tab(): { tabs: Tabs; freeze: () => void; thaw: () => void } {
    const channel = {
      onmessage: null,
      postMessage: (data: unknown) => {
        for (const other of this.channels) if (other.channel !== channel) deliver(other, data);
      },
    } as unknown as BroadcastChannel;
    const entry = { live: true, channel, waiting: [] as unknown[] };
    this.channels.push(entry);
    const compareAndSwap: Tabs["compareAndSwap"] = async (name, from, to) => {
      if (this.kept.get(name) === from) {
        if (to === undefined) this.kept.delete(name);
        else this.kept.set(name, to);
      }
      return this.kept.get(name);
    };
    const thaw = () => {
      entry.live = true;
      for (const data of entry.waiting.splice(0)) deliver(entry, data);
    };
    return { tabs: { channel, compareAndSwap }, freeze: () => (entry.live = false), thaw };
  }
}

function deliver({ live, channel, waiting }: Browser["channels"][number], data: unknown): void {
  if (live) channel.onmessage?.({ data } as MessageEvent);
  else waiting.push(data);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => expect.unreachable("the name was not lost");

test("one tab at a time holds a name, and releases it for others", async () => {
  const browser = new Browser();
  const [first, second] = [new Claims(browser.tab().tabs), new Claims(browser.tab().tabs)];
  const held = await first.claim("draft", true, never);
  expect(held).toBeDefined();
  expect(await second.claim("draft", true, never)).toBeUndefined();
  expect(await first.claim("draft", true, never)).toBeUndefined();
  held?.release();
  expect(await second.claim("draft", true, never)).toBeDefined();
});

test("a frozen tab loses its names, and is notified when it runs again", async () => {
  const browser = new Browser();
  const away = browser.tab();
  const lost = vi.fn();
  await new Claims(away.tabs).claim("draft", true, lost);
  away.freeze();
  const taking = new Claims(browser.tab().tabs).claim("draft", true, never);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await taking).toBeDefined();
  expect(lost).not.toHaveBeenCalled();
  away.thaw();
  expect(lost).toHaveBeenCalledOnce();
});

test("without asking, a frozen tab keeps its names", async () => {
  const browser = new Browser();
  const away = browser.tab();
  await new Claims(away.tabs).claim("draft", true, () => undefined);
  away.freeze();
  expect(await new Claims(browser.tab().tabs).claim("draft", false, never)).toBeUndefined();
});

test("a page that is left releases all names", async () => {
  const browser = new Browser();
  const first = new Claims(browser.tab().tabs);
  for (const name of ["a", "b"]) await first.claim(name, true, never);
  first.releaseAll();
  const second = new Claims(browser.tab().tabs);
  for (const name of ["a", "b"]) expect(await second.claim(name, false, never), name).toBeDefined();
});

test("of two tabs that find a third one frozen, one takes over its name", async () => {
  const browser = new Browser();
  const away = browser.tab();
  await new Claims(away.tabs).claim("draft", true, () => undefined);
  away.freeze();
  const both = [new Claims(browser.tab().tabs), new Claims(browser.tab().tabs)];
  const taken = Promise.all(both.map((claims) => claims.claim("draft", true, never)));
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await taken).filter((claim) => claim !== undefined)).toHaveLength(1);
});

test("a failed claim holds no name: this tab and others can claim it again", async () => {
  const browser = new Browser();
  const { tabs } = browser.tab();
  const broken = new Error("the browser's storage failed");
  const { compareAndSwap } = tabs;
  // The record is stored, but the answer is lost.
  tabs.compareAndSwap = async (...asked) => {
    tabs.compareAndSwap = compareAndSwap;
    await compareAndSwap(...asked);
    throw broken;
  };
  const first = new Claims(tabs);
  await expect(first.claim("draft", true, never)).rejects.toBe(broken);
  const held = await first.claim("draft", true, never);
  expect(held).toBeDefined();
  tabs.compareAndSwap = () => Promise.reject(broken);
  held?.release();
  tabs.compareAndSwap = compareAndSwap;
  (await first.claim("draft", true, never))?.release();
  expect(await new Claims(browser.tab().tabs).claim("draft", false, never)).toBeDefined();
});

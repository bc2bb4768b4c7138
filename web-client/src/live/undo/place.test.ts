import { expect, test } from "vitest";
import { placeOf, type Tab } from "./place.ts";

/** Tabs of one browser. A tab that is opened from another one begins with a copy of its storage. */
class Tabs {
  readonly #held = new Map<string, object>();
  readonly #gone: object[] = [];

  open(stored: { place?: string } = {}): { tab: Tab; stored: { place?: string }; close(): void } {
    const page = {};
    const tab: Tab = {
      read: () => stored.place ?? null,
      write: (place) => {
        stored.place = place;
      },
      hold: async (name) => {
        if (this.#held.has(name)) return false;
        this.#held.set(name, page);
        return true;
      },
      // What a closed page has held is released after it has gone.
      pause: async () => {
        for (const [name, holder] of this.#held)
          if (this.#gone.includes(holder)) this.#held.delete(name);
      },
    };
    return { tab, stored, close: () => void this.#gone.push(page) };
  }
}

test("a tab keeps its place over reloads, and a new tab has another one", async () => {
  const tabs = new Tabs();
  const first = tabs.open();
  const place = await placeOf(first.tab);
  expect(place > 0n && place < 1n << 48n).toBe(true);
  first.close();
  expect(await placeOf(tabs.open(first.stored).tab)).toBe(place);
  expect(await placeOf(tabs.open().tab)).not.toBe(place);
});

test("a duplicated tab gets a place of its own, and keeps that one", async () => {
  const tabs = new Tabs();
  const first = tabs.open();
  const place = await placeOf(first.tab);
  const copy = tabs.open({ ...first.stored });
  const other = await placeOf(copy.tab);
  expect(other).not.toBe(place);
  copy.close();
  expect(await placeOf(tabs.open(copy.stored).tab)).toBe(other);
  first.close();
  expect(await placeOf(tabs.open(first.stored).tab)).toBe(place);
});

test("without storage, or with a damaged one, a tab has a place while its page lasts", async () => {
  const tabs = new Tabs();
  const { tab } = tabs.open();
  const blocked: Tab = {
    ...tab,
    read: () => {
      throw new Error("blocked");
    },
  };
  expect((await placeOf(blocked)) > 0n).toBe(true);
  for (const damaged of ["", "0", "-1", "x", "9".repeat(40)]) {
    const opened = tabs.open({ place: damaged });
    const place = await placeOf(opened.tab);
    expect(String(place)).not.toBe(damaged);
    expect(opened.stored.place).toBe(String(place));
  }
});

// Drafts in a browser whose storage fails for some names.
import { afterAll, beforeEach, expect, test, vi } from "vitest";

/** The stored drafts, and the names that the browser fails to read. */
const kept = new Map<string, unknown>();
const unreadable = new Set<string>();

/** Replaces IndexedDB, which Node does not have. */
vi.mock("idb-keyval", () => ({
  createStore: (database: string) => database,
  keys: async () => [...kept.keys()],
  get: async (name: string) => {
    if (unreadable.has(name)) throw new Error("the browser's storage failed");
    return kept.get(name);
  },
  set: async (name: string, value: unknown) => void kept.set(name, value),
  del: async (name: string) => void kept.delete(name),
}));

/** Web Locks of one browser. */
const locked = new Set<string>();
const request = async (name: string, _: unknown, then: (lock: unknown) => unknown) => {
  if (locked.has(name)) return void then(null);
  locked.add(name);
  await then({ name });
  locked.delete(name);
};
vi.stubGlobal("navigator", { locks: { request } });
afterAll(() => void vi.unstubAllGlobals());

const { claimDrafts, orphanedDrafts } = await import("./drafts.ts");

const bytes = (byte: number) => Uint8Array.of(byte);

beforeEach(() => {
  kept.clear();
  locked.clear();
  unreadable.clear();
  for (const i of [1, 2, 3]) kept.set(`draft/me/sheet/${i}`, bytes(i));
});

test("a draft that can't be read does not affect the others, and is found by the next search", async () => {
  unreadable.add("draft/me/sheet/2");
  const found = await orphanedDrafts("me", "sheet");
  expect(found.map((draft) => draft.kept)).toEqual([bytes(1), bytes(3)]);
  unreadable.clear();
  expect((await orphanedDrafts("me", "sheet")).map((draft) => draft.kept)).toEqual([bytes(2)]);
});

test("a page whose drafts can't be read stores its own edits in a new one", async () => {
  for (const name of kept.keys()) unreadable.add(name);
  const [draft, ...others] = await claimDrafts("me", "sheet");
  expect([draft?.persistent, draft?.kept, others]).toEqual([true, undefined, []]);
  await draft?.keep(bytes(9));
  expect([...kept.values()]).toContainEqual(bytes(9));
  expect([...locked].filter((name) => unreadable.has(name))).toEqual([]);
});

test("a released draft can be claimed again", async () => {
  for (const draft of await orphanedDrafts("me", "sheet")) draft.release();
  await Promise.resolve();
  expect(await orphanedDrafts("me", "sheet")).toHaveLength(3);
});

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
  delMany: async (names: string[]) => names.forEach((name) => void kept.delete(name)),
  update: async (name: string, next: (value: unknown) => unknown) =>
    void kept.set(name, next(kept.get(name))),
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
const { refusedName, Slot } = await import("./storage.ts");
const { discardUnsent, unsentOf } = await import("./unsent.ts");

const bytes = (byte: number) => Uint8Array.of(byte);
/** Drafts that this release of the page can't restore. */
const foreign = new Set<string>();
const restore = (name: string, kept: Uint8Array) => {
  if (foreign.has(name)) throw new Error("of a later release");
  return kept;
};
const saved = (byte: number, edits = 1) => ({ bytes: bytes(byte), edits });

beforeEach(() => {
  kept.clear();
  locked.clear();
  unreadable.clear();
  foreign.clear();
  for (const i of [1, 2, 3]) kept.set(`draft/me/sheet/${i}`, bytes(i));
});

test("a draft that can't be read does not affect the others, and is found by the next search", async () => {
  unreadable.add("draft/me/sheet/2");
  const found = await orphanedDrafts("me", "sheet", restore);
  expect(found.map((draft) => draft.kept)).toEqual([bytes(1), bytes(3)]);
  unreadable.clear();
  expect((await orphanedDrafts("me", "sheet", restore)).map((draft) => draft.kept)).toEqual([
    bytes(2),
  ]);
});

test("a draft that only another release can restore stays for that", async () => {
  foreign.add("draft/me/sheet/1");
  for (const found of [
    await claimDrafts("me", "sheet", restore, () => true),
    await orphanedDrafts("me", "sheet", restore),
  ])
    for (const draft of found) await draft.keep(undefined);
  expect([...kept]).toEqual([["draft/me/sheet/1", bytes(1)]]);
  expect(
    (await claimDrafts("me", "sheet", restore, () => true)).map((draft) => draft.kept),
  ).toEqual([undefined]);
  foreign.clear();
  expect((await orphanedDrafts("me", "sheet", restore)).map(({ kept }) => kept)).toEqual([
    bytes(1),
  ]);
});

test("a page whose drafts can't be read stores its own edits in a new one", async () => {
  for (const name of kept.keys()) unreadable.add(name);
  const [draft, ...others] = await claimDrafts("me", "sheet", restore, () => true);
  expect([draft?.persistent, draft?.kept, others]).toEqual([true, undefined, []]);
  await draft?.keep(saved(9));
  expect([...kept.values()]).toContainEqual(saved(9));
  expect([...locked].filter((name) => unreadable.has(name))).toEqual([]);
});

test("a released draft can be claimed again", async () => {
  for (const draft of await orphanedDrafts("me", "sheet", restore)) draft.release();
  await Promise.resolve();
  expect(await orphanedDrafts("me", "sheet", restore)).toHaveLength(3);
});

test("what an account has left is counted by edit and sheet, also in drafts of an earlier release", async () => {
  kept.set("draft/me/other/1", saved(1, 4));
  kept.set(refusedName("me", "other"), { a: [{}, {}], b: [{}] });
  kept.set(refusedName("me", "empty"), {});
  kept.set("draft/else/sheet/1", saved(1, 100));
  expect(await unsentOf("me")).toEqual({ edits: 3 + 4 + 3, sheets: 2, texts: 0 });
  expect(await unsentOf("another")).toEqual({ edits: 0, sheets: 0, texts: 0 });
});

test("a draft of this release is found with its edits", async () => {
  kept.set("draft/me/sheet/1", saved(7, 2));
  const drafts = await orphanedDrafts("me", "sheet", restore);
  expect(drafts.map((draft) => draft.kept)).toEqual([bytes(7), bytes(2), bytes(3)]);
});

test("discarded edits are gone, also those that an open tab stores later; other accounts keep theirs", async () => {
  kept.set("draft/else/sheet/1", saved(8));
  const drafts = await orphanedDrafts("me", "sheet", restore);
  const refused = new Slot<object>(refusedName("me", "sheet"));
  await refused.change(() => ({ a: [{}] }));
  await discardUnsent("me");
  for (const draft of drafts) await draft.keep(saved(9));
  await refused.change((old) => ({ ...old, b: [{}] }));
  expect([...kept.keys()]).toEqual(["draft/else/sheet/1"]);
  // After the next sign-in, edits are stored again.
  const [draft] = await claimDrafts("me", "sheet", restore, () => true);
  await draft?.keep(saved(5));
  expect(await unsentOf("me")).toEqual({ edits: 1, sheets: 1, texts: 0 });
});

test("a draft of another tab is not the page's own: the page gets a new one", async () => {
  const isOwn = (restored: Uint8Array) => restored[0] === 2;
  const own = await claimDrafts("me", "sheet", restore, isOwn);
  expect(own.map(({ kept }) => kept)).toEqual([bytes(2), bytes(1), bytes(3)]);
  for (const draft of own) draft.release();
  await Promise.resolve();
  const [draft, ...others] = await claimDrafts("me", "sheet", restore, () => false);
  expect([draft?.kept, draft?.persistent]).toEqual([undefined, true]);
  expect(others.map(({ kept }) => kept)).toEqual([bytes(1), bytes(2), bytes(3)]);
});

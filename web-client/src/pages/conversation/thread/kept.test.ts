import { describe, expect, it } from "vitest";
import { Kept, NO_DRAFT } from "./kept.ts";
import { items } from "./test-clock.ts";

const DRAFT = { text: "@Ben, see row 3", mentions: [{ id: "b", name: "Ben" }] };

describe("what an account has typed", () => {
  it("is there for the same account and thread", () => {
    const storage = items();
    new Kept(storage, "ada", "sheet:1").keepDraft(DRAFT);
    expect(new Kept(storage, "ada", "sheet:1").draft()).toEqual(DRAFT);
    expect(new Kept(storage, "ada", "sheet:2").draft()).toEqual(NO_DRAFT);
    expect(new Kept(storage, "ben", "sheet:1").draft()).toEqual(NO_DRAFT);
  });

  it("leaves nothing in the storage once it is sent", () => {
    const storage = items();
    const kept = new Kept(storage, "ada", "sheet:1");
    kept.keepDraft(DRAFT);
    kept.keep({ ...DRAFT, clientId: "1", at: 1 });
    kept.keepDraft(NO_DRAFT);
    kept.forget("1");
    expect(storage.length).toBe(0);
  });

  it("is in the order in which it was written", () => {
    const kept = new Kept(items(), "ada", "sheet:1");
    for (const at of [3, 1, 2]) kept.keep({ ...DRAFT, clientId: `${at}`, at });
    expect(kept.unsent().map(({ clientId }) => clientId)).toEqual(["1", "2", "3"]);
  });

  it("is passed over when it is malformed", () => {
    const storage = items();
    const kept = new Kept(storage, "ada", "sheet:1");
    kept.keepDraft(DRAFT);
    kept.keep({ ...DRAFT, clientId: "1", at: 1 });
    for (const key of [storage.key(0), storage.key(1)]) storage.setItem(key ?? "", "{");
    expect(kept.draft()).toEqual(NO_DRAFT);
    expect(kept.unsent()).toEqual([]);
  });

  it("lasts as long as the page without a storage, and with a full one", () => {
    const none = new Kept(undefined, "ada", "sheet:1");
    none.keepDraft(DRAFT);
    expect(none.draft()).toEqual(NO_DRAFT);
    const full = items();
    full.setItem = () => {
      throw new Error("full");
    };
    expect(() => new Kept(full, "ada", "sheet:1").keepDraft(DRAFT)).not.toThrow();
  });
});

import { describe, expect, it } from "vitest";
import { Kept, NO_DRAFT } from "./kept.ts";
import { items } from "./test-clock.ts";

const DRAFT = { text: "@Ben, see row 3", mentions: [{ id: "b", name: "Ben" }] };

describe("what an account has typed", () => {
  it("is there for the same account and thread, the newest draft first", () => {
    const storage = items();
    const kept = new Kept(storage, "ada", "sheet:1");
    for (const [at, id] of ["x", "y"].entries()) kept.keepDraft(kept.draftName(id), DRAFT, at);
    const again = new Kept(storage, "ada", "sheet:1");
    expect(again.drafts()).toEqual(["y", "x"].map((id) => kept.draftName(id)));
    expect(again.draft(kept.draftName("x"))).toMatchObject(DRAFT);
    for (const [account, thread] of [
      ["ada", "sheet:2"],
      ["ada", "sheet:12"],
      ["ben", "sheet:1"],
    ] as const)
      expect(new Kept(storage, account, thread).drafts()).toEqual([]);
  });

  it("has the changed texts of sent messages by their numbers", () => {
    const storage = items();
    const kept = new Kept(storage, "ada", "sheet:1");
    const [first, second, third] = [7n, 7n, 12n].map((number, at) => {
      const name = kept.editName(number, `${at}`);
      kept.keepEdit(name, DRAFT, at);
      return { name, number };
    });
    kept.keepEdit(third?.name ?? "", undefined, 3);
    const again = new Kept(storage, "ada", "sheet:1");
    expect(again.edits()).toEqual([second, first]);
    expect(again.edit(first?.name ?? "")).toMatchObject(DRAFT);
    expect(new Kept(storage, "ada", "sheet:2").edits()).toEqual([]);
  });

  it("leaves nothing in the storage once it is sent", () => {
    const storage = items();
    const kept = new Kept(storage, "ada", "sheet:1");
    const name = kept.draftName("x");
    kept.keepDraft(name, DRAFT, 1);
    kept.keep({ ...DRAFT, clientId: "1", at: 1 });
    kept.keepDraft(name, NO_DRAFT, 2);
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
    kept.keepDraft(kept.draftName("x"), DRAFT, 1);
    kept.keepEdit(kept.editName(7n, "x"), DRAFT, 1);
    kept.keep({ ...DRAFT, clientId: "1", at: 1 });
    for (const key of [0, 1, 2].map((at) => storage.key(at))) storage.setItem(key ?? "", "{");
    expect(kept.draft(kept.draftName("x"))).toEqual(NO_DRAFT);
    expect(kept.edit(kept.editName(7n, "x"))).toBe(undefined);
    expect(kept.unsent()).toEqual([]);
  });

  it("lasts as long as the page without a storage, and with a full one", () => {
    const none = new Kept(undefined, "ada", "sheet:1");
    none.keepDraft("x", DRAFT, 1);
    expect(none.draft("x")).toEqual(NO_DRAFT);
    const full = items();
    full.setItem = () => {
      throw new Error("full");
    };
    expect(() => new Kept(full, "ada", "sheet:1").keepDraft("x", DRAFT, 1)).not.toThrow();
  });
});

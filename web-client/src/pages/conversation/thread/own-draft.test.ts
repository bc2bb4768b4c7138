import { expect, test } from "vitest";
import { type Items, Kept } from "./kept.ts";
import { OwnDraft } from "./own-draft.ts";
import { items, settled, Timers } from "./test-clock.ts";

/** A browser with one storage and the locks of its pages. */
class Browser {
  readonly storage: Items = items();
  readonly held = new Map<string, () => void>();
  readonly timers = new Timers();
  #ids = 0;

  /** Opens the field on a further page. */
  async open() {
    const kept = new Kept(this.storage, "ada", "sheet:1");
    const own = new OwnDraft(kept, {
      hold: async (name, onLost) => {
        if (this.held.has(name)) return undefined;
        this.held.set(name, onLost);
        return { release: () => void this.held.delete(name) };
      },
      newId: () => `${++this.#ids}`,
      now: () => this.timers.now(),
      after: (millis, then) => this.timers.after(millis, then),
    });
    const close = own.start();
    await settled();
    return { own, close, text: () => own.draft.get().text };
  }

  async pass(millis: number) {
    this.timers.pass(millis);
    await settled();
  }
}

const write = (text: string) => ({ text, mentions: [] });

test("two tabs have a draft each, and a reload of one has its own text", async () => {
  const browser = new Browser();
  const one = await browser.open();
  const two = await browser.open();
  one.own.change(write("from the first"));
  await browser.pass(1);
  two.own.change(write("from the second"));
  expect(one.text()).toBe("from the first");
  one.close();
  expect((await browser.open()).text()).toBe("from the first");
  two.close();
  expect((await browser.open()).text()).toBe("from the second");
});

test("a draft of a tab that closes later is adopted by an empty field, once", async () => {
  const browser = new Browser();
  const one = await browser.open();
  one.own.change(write("half a thought"));
  const [two, three] = [await browser.open(), await browser.open()];
  three.own.change(write("something else"));
  one.close();
  await browser.pass(20_000);
  expect([two.text(), three.text()]).toEqual(["half a thought", "something else"]);
  two.own.change(write(""));
  await browser.pass(60_000);
  expect(two.text()).toBe("");
});

test("the newest draft comes first, and the others follow once it is sent", async () => {
  const browser = new Browser();
  const pages = [await browser.open(), await browser.open()];
  for (const [at, page] of pages.entries()) {
    page.own.change(write(`draft ${at}`));
    await browser.pass(1);
  }
  for (const page of pages) page.close();
  const next = await browser.open();
  expect(next.text()).toBe("draft 1");
  next.own.change(write(""));
  next.close();
  expect((await browser.open()).text()).toBe("draft 0");
});

test("a draft of an earlier release, which all tabs shared, is adopted", async () => {
  const browser = new Browser();
  browser.storage.setItem("gridloom.chat.ada/draft/sheet:1", JSON.stringify(write("old")));
  expect((await browser.open()).text()).toBe("old");
  expect((await browser.open()).text()).toBe("");
});

test("a page that was frozen keeps its text beside the one that took its draft over", async () => {
  const browser = new Browser();
  const one = await browser.open();
  one.own.change(write("kept"));
  const [name, lost] = [...browser.held][0] ?? expect.unreachable("no name is held");
  browser.held.delete(name);
  const two = await browser.open();
  expect(two.text()).toBe("kept");
  lost();
  await settled();
  two.own.change(write("changed there"));
  one.close();
  expect((await browser.open()).text()).toBe("kept");
});

test("without locks and storage, the text lasts as long as the page", async () => {
  const own = new OwnDraft(new Kept(undefined, "ada", "sheet:1"), {
    hold: () => Promise.reject(new Error("no storage")),
    newId: () => "1",
    now: () => 0,
    after: () => () => undefined,
  });
  own.start();
  await settled();
  own.change(write("here"));
  expect(own.draft.get().text).toBe("here");
});

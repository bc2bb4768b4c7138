import { expect, test } from "vitest";
import { type Items, Kept } from "./kept.ts";
import { OwnEdits } from "./own-edits.ts";
import { items, settled, Timers } from "./test-clock.ts";

/** A browser with one storage and the locks of its pages. */
class Browser {
  readonly held = new Map<string, () => void>();
  readonly timers = new Timers();
  readonly listeners = new Set<() => void>();
  readonly storage: Items = this.#reporting(items());
  #ids = 0;

  /** The storage, which reports each write. */
  #reporting(storage: Items): Items {
    const { setItem, removeItem } = storage;
    return Object.assign(storage, {
      setItem: (key: string, value: string) => {
        setItem(key, value);
        this.#changed();
      },
      removeItem: (key: string) => {
        removeItem(key);
        this.#changed();
      },
    });
  }

  /** Opens the thread on a further page. */
  async open() {
    const kept = new Kept(this.storage, "ada", "sheet:1");
    const own = new OwnEdits(kept, {
      hold: async (name, onLost) => {
        if (this.held.has(name)) return undefined;
        this.held.set(name, onLost);
        return { release: () => void this.held.delete(name) };
      },
      newId: () => `${++this.#ids}`,
      now: () => this.timers.now(),
      after: (millis, then) => this.timers.after(millis, then),
      onChange: (then) => {
        this.listeners.add(then);
        return () => void this.listeners.delete(then);
      },
    });
    const close = own.start();
    await settled();
    const texts = () => own.edits.get().map(({ changed }) => changed?.text);
    const write = (text: string, of = "row 12") => own.change(7n, { text, mentions: [] }, of);
    return { own, close, texts, write };
  }

  async pass(millis: number) {
    this.timers.pass(millis);
    await settled();
  }

  #changed() {
    for (const listener of this.listeners) listener();
  }
}

test("two tabs edit one message, and neither changes or ends the text of the other", async () => {
  const browser = new Browser();
  const [one, two] = [await browser.open(), await browser.open()];
  for (const [page, text] of [
    [one, "row 13"],
    [two, "row 14"],
  ] as const) {
    page.own.begin(7n);
    await settled();
    page.write(text);
    await browser.pass(1);
  }
  expect([one.texts(), two.texts()]).toEqual([["row 13"], ["row 14"]]);
  for (const page of [one, two]) page.close();
  const next = await browser.open();
  expect(next.texts()).toEqual(["row 14", "row 13"]);
  expect(next.own.edits.get().map(({ hasField }) => hasField)).toEqual([true, false]);
  next.own.end(next.own.at(7n)?.name ?? "");
  expect([next.texts(), next.own.at(7n)]).toEqual([["row 13"], undefined]);
});

test("an edit of a tab that closes later is adopted, also one of an earlier release", async () => {
  const browser = new Browser();
  const draft = JSON.stringify({ text: "old", mentions: [] });
  browser.storage.setItem("gridloom.chat.ada/edit/sheet:1/7", draft);
  const one = await browser.open();
  const two = await browser.open();
  expect([one.texts(), two.texts()]).toEqual([["old"], []]);
  one.write("old and new");
  one.close();
  await browser.pass(20_000);
  expect(two.texts()).toEqual(["old and new"]);
});

test("an edit without a change is not kept, and has the text that the message has by then", async () => {
  const browser = new Browser();
  const one = await browser.open();
  one.own.begin(7n);
  one.write("row 13");
  one.write("row 12");
  expect([one.texts(), browser.storage.length]).toEqual([[undefined], 0]);
  one.write("row 15", "row 14");
  expect(one.own.at(7n)?.changed?.base).toBe("row 14");
  const name = one.own.at(7n)?.name ?? expect.unreachable("it has the field");
  expect(one.own.saved(name, "row 14, or 15")).toBe(false);
  expect(one.own.at(7n)?.changed).toMatchObject({ text: "row 15", base: "row 14, or 15" });
});

/** An edit that one page has begun and another one has adopted. */
async function adopted() {
  const browser = new Browser();
  const one = await browser.open();
  one.own.begin(7n);
  await settled();
  one.write("row 13");
  const { name } = one.own.at(7n) ?? expect.unreachable("it was begun");
  one.close();
  const two = await browser.open();
  return { one, two, name };
}

test("an edit that the call of an earlier page has saved is gone where it was adopted", async () => {
  const { one, two, name } = await adopted();
  expect(two.texts()).toEqual(["row 13"]);
  expect(one.own.saved(name, "row 13")).toBe(true);
  expect(two.texts()).toEqual([]);
});

test("what was typed since stays when the call of an earlier page has saved the edit", async () => {
  const { one, two, name } = await adopted();
  two.write("row 13, left");
  expect(one.own.saved(name, "row 13")).toBe(false);
  expect(two.own.at(7n)?.changed).toMatchObject({ text: "row 13, left", base: "row 13" });
});

test("a page that was frozen keeps its text beside the one that took its edit over", async () => {
  const browser = new Browser();
  const one = await browser.open();
  one.own.begin(7n);
  await settled();
  one.write("row 13");
  const [name, lost] = [...browser.held][0] ?? expect.unreachable("no name is held");
  browser.held.delete(name);
  const two = await browser.open();
  lost();
  await settled();
  one.write("row 13, I think");
  two.write("row 99");
  expect([one.texts(), two.texts()]).toEqual([["row 13, I think"], ["row 99"]]);
});

test("with a full storage, the text lasts as long as the page", async () => {
  const browser = new Browser();
  browser.storage.setItem = () => {
    throw new Error("full");
  };
  const one = await browser.open();
  one.own.begin(7n);
  await settled();
  one.write("row 13");
  browser.storage.removeItem("another");
  expect(one.texts()).toEqual(["row 13"]);
});

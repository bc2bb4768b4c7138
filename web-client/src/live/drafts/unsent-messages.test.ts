import { expect, test } from "vitest";
import { UnsentMessages, USUAL_MILLIS } from "./unsent-messages.ts";

function setUp() {
  const stored = new Map<string, string>();
  const timers: { at: number; then: () => void }[] = [];
  let now = 1_000;
  const unsent = new UnsentMessages({
    items: (prefix) => [...stored].filter(([key]) => key.startsWith(prefix)),
    now: () => now,
    after: (millis, then) => {
      const timer = { at: now + millis, then };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  const write = (account: string, thread: string, id: string, text: string) =>
    stored.set(
      `gridloom.chat.${account}/unsent/${thread}/${id}`,
      JSON.stringify({ text, at: now, clientId: id, mentions: [] }),
    );
  const pass = (millis: number) => {
    now += millis;
    for (const { then } of timers.splice(0).filter(({ at }) => at <= now)) then();
  };
  const counts = () => [...unsent.threads.get()].map(([key, { count }]) => `${key} ${count}`);
  return { stored, unsent, write, pass, counts };
}

test("a message counts for its thread once it is on its way for long", () => {
  const { stored, unsent, write, pass, counts } = setUp();
  unsent.follow("ada");
  write("ada", "sheet:1", "a", "first");
  unsent.look();
  expect(counts()).toEqual([]);
  pass(USUAL_MILLIS / 2);
  write("ada", "sheet:1", "b", "second");
  write("ada", "person:2", "c", "third");
  unsent.look();
  pass(USUAL_MILLIS / 2);
  expect(counts()).toEqual(["sheet:1 1"]);
  pass(USUAL_MILLIS / 2);
  expect(counts()).toEqual(["sheet:1 2", "person:2 1"]);
  expect(unsent.threads.get().get("sheet:1")?.text).toBe("first");
  stored.delete("gridloom.chat.ada/unsent/sheet:1/a");
  unsent.look();
  expect(counts()).toEqual(["sheet:1 1", "person:2 1"]);
});

test("those of another account are not counted, nor what is malformed", () => {
  const { stored, unsent, write, pass, counts } = setUp();
  write("ada", "sheet:1", "a", "of Ada");
  stored.set("gridloom.chat.ben/unsent/sheet:1/b", "{");
  pass(USUAL_MILLIS);
  unsent.follow("ben");
  expect(counts()).toEqual([]);
  unsent.follow("ada");
  expect(counts()).toEqual(["sheet:1 1"]);
  unsent.follow(undefined);
  expect(counts()).toEqual([]);
});

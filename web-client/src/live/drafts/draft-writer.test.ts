import { expect, test } from "vitest";
import { DraftWriter, writeDrafts } from "./draft-writer.ts";
import type { Draft } from "./drafts.ts";

function setUp(kept?: Uint8Array) {
  const disk: (Uint8Array | undefined)[] = [];
  const counts: (number | undefined)[] = [];
  let released = false;
  const draft: Draft = {
    persistent: true,
    kept,
    keep: async (saved) => {
      disk.push(saved?.bytes);
      counts.push(saved?.edits);
    },
    release: () => {
      released = true;
    },
  };
  const timers: (() => void)[] = [];
  let leave: () => void = () => undefined;
  const state: { bytes: Uint8Array | undefined } = { bytes: undefined };
  const source = { save: () => state.bytes, pending: () => state.bytes?.[0] ?? 0 };
  const writer = new DraftWriter(draft, source, {
    after: (_, then) => {
      timers.push(then);
      return () => timers.splice(timers.indexOf(then), 1);
    },
    onLeaving: (then) => {
      leave = then;
      return () => undefined;
    },
  });
  return { disk, counts, timers, state, writer, leave: () => leave(), released: () => released };
}

test("edits are written together after a moment, and deleted when they are accepted", async () => {
  const { disk, timers, state, writer } = setUp();
  state.bytes = Uint8Array.of(1);
  writer.changed(1);
  writer.changed(2);
  expect(timers.length).toBe(1);
  timers[0]?.();
  state.bytes = undefined;
  writer.changed(0);
  timers[0]?.();
  await writer.close();
  expect(disk).toEqual([Uint8Array.of(1), undefined]);
});

test("without pending edits, no draft is written", async () => {
  const { disk, timers, writer } = setUp();
  writer.changed(0);
  expect(timers.length).toBe(0);
  await writer.close();
  expect(disk).toEqual([]);
});

test("leaving the page writes the draft immediately", async () => {
  const { disk, state, writer, leave } = setUp();
  state.bytes = Uint8Array.of(2);
  writer.changed(1);
  leave();
  await Promise.resolve();
  expect(disk).toEqual([Uint8Array.of(2)]);
});

test("a claimed draft is deleted when its edits are accepted", async () => {
  const { disk, timers, writer, released } = setUp(Uint8Array.of(3));
  writer.changed(0);
  timers[0]?.();
  await writer.close();
  expect(disk).toEqual([undefined]);
  expect(released()).toBe(true);
});

test("signing out writes the drafts of all open sheets, with their number of edits", async () => {
  const [one, two, idle] = [setUp(), setUp(), setUp()];
  one.state.bytes = Uint8Array.of(4);
  one.writer.changed(4);
  two.state.bytes = Uint8Array.of(5);
  await writeDrafts();
  expect([one.disk, two.disk, idle.disk]).toEqual([[Uint8Array.of(4)], [Uint8Array.of(5)], []]);
  expect([one.counts, two.counts]).toEqual([[4], [5]]);
  // The write that was scheduled is no longer needed.
  expect(one.timers.length).toBe(0);
  for (const { writer, state } of [one, two, idle]) {
    state.bytes = undefined;
    await writer.close();
  }
  await writeDrafts();
  expect(two.disk).toEqual([Uint8Array.of(5), undefined]);
});

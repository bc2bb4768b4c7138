import { expect, test } from "vitest";
import type { Draft } from "./drafts.ts";
import { Keeper } from "./keeper.ts";

function setUp(kept?: Uint8Array) {
  const disk: (Uint8Array | undefined)[] = [];
  let released = false;
  const draft: Draft = {
    lasting: true,
    kept,
    keep: async (bytes) => {
      disk.push(bytes);
    },
    release: () => {
      released = true;
    },
  };
  const timers: (() => void)[] = [];
  let leave: () => void = () => undefined;
  const state: { bytes: Uint8Array | undefined } = { bytes: undefined };
  const keeper = new Keeper(draft, () => state.bytes, {
    after: (_, then) => {
      timers.push(then);
      return () => timers.splice(timers.indexOf(then), 1);
    },
    onLeaving: (then) => {
      leave = then;
      return () => undefined;
    },
  });
  return { disk, timers, state, keeper, leave: () => leave(), released: () => released };
}

test("edits are kept together a moment later, and forgotten when they are accepted", async () => {
  const { disk, timers, state, keeper } = setUp();
  state.bytes = Uint8Array.of(1);
  keeper.changed(1);
  keeper.changed(2);
  expect(timers.length).toBe(1);
  timers[0]?.();
  state.bytes = undefined;
  keeper.changed(0);
  timers[0]?.();
  await keeper.close();
  expect(disk).toEqual([Uint8Array.of(1), undefined]);
});

test("nothing is written while nothing is pending", async () => {
  const { disk, timers, keeper } = setUp();
  keeper.changed(0);
  expect(timers.length).toBe(0);
  await keeper.close();
  expect(disk).toEqual([]);
});

test("a page that is left is kept at once", async () => {
  const { disk, state, keeper, leave } = setUp();
  state.bytes = Uint8Array.of(2);
  keeper.changed(1);
  leave();
  await Promise.resolve();
  expect(disk).toEqual([Uint8Array.of(2)]);
});

test("a draft that was taken over goes when its edits are accepted", async () => {
  const { disk, timers, keeper, released } = setUp(Uint8Array.of(3));
  keeper.changed(0);
  timers[0]?.();
  await keeper.close();
  expect(disk).toEqual([undefined]);
  expect(released()).toBe(true);
});

import { expect, test } from "vitest";
import { adoptLater } from "./adopt.ts";

test("drafts of closed tabs are adopted until the search is stopped", async () => {
  const timers: (() => void)[] = [];
  const after = (_: number, then: () => void) => {
    timers.push(then);
    return () => void timers.splice(timers.indexOf(then), 1);
  };
  const left = [[], ["a", "b"], ["c"]];
  const adopted: string[] = [];
  const stop = adoptLater(
    async () => left.shift() ?? Promise.reject(new Error("no storage")),
    (found: string) => adopted.push(found),
    after,
  );
  const fire = async () => {
    timers.shift()?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  await fire();
  expect(adopted).toEqual([]);
  await fire();
  await fire();
  await fire();
  expect(adopted).toEqual(["a", "b", "c"]);
  expect(timers.length).toBe(1);
  stop();
  expect(timers.length).toBe(0);
});

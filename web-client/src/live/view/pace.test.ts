import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

const FRAME_MILLIS = 16;

/** The times of the reads in a second in which something of `size` items changes 50 times. */
function readsOf(size: number): number[] {
  let now = 0;
  let timers: { at: number; then: () => void }[] = [];
  const after = (millis: number, then: () => void) => {
    timers.push({ at: now + millis, then });
    return () => undefined;
  };
  const reads: number[] = [];
  const clock = {
    now: () => now,
    after,
    nextFrame: (then: () => void) => void after(FRAME_MILLIS, then),
  };
  const pace: Pace = new Pace(clock, () => {
    reads.push(now);
    pace.done(size);
  });
  for (; now < 2_000; now++) {
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { then } of due) then();
    if (now < 1_000 && now % 20 === 0) pace.ask();
  }
  return reads;
}

test("few people are read with each frame that has a change, and a crowd at intervals", () => {
  expect(readsOf(5).length).toBe(50);
  expect(readsOf(200).length).toBeLessThanOrEqual(11);
  expect(readsOf(1_000).length).toBeLessThanOrEqual(3);
});

test("the last change is read, too", () => {
  for (const size of [5, 200, 1_000]) expect(readsOf(size).at(-1)).toBeGreaterThanOrEqual(980);
});

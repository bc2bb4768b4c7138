import { expect, test } from "vitest";
import { FrameQueue } from "./frame-queue.ts";

const queue = () => new FrameQueue<string>((frame) => frame.length);

test("one request takes all waiting frames, and only one request is in flight", () => {
  const q = queue();
  q.push(["a", "b"]);
  expect(q.take()).toEqual({ first: 1n, frames: ["a", "b"] });
  q.push(["c"]);
  expect(q.take()).toBeUndefined();
  q.confirmed(2n);
  expect(q.take()).toEqual({ first: 3n, frames: ["c"] });
});

test("a failed request is sent again with the same numbers and the frames added since", () => {
  const q = queue();
  q.push(["a"]);
  q.take();
  q.failed();
  q.push(["b"]);
  expect(q.take()).toEqual({ first: 1n, frames: ["a", "b"] });
});

test("a partial confirmation leaves the other frames, and an old one has no effect", () => {
  const q = queue();
  q.push(["a", "b", "c"]);
  q.take();
  q.confirmed(1n);
  expect(q.take()).toEqual({ first: 2n, frames: ["b", "c"] });
  q.confirmed(0n);
  expect(q.length).toBe(2);
  expect(q.take()?.first).toBe(2n);
});

test("requests are limited by size, and an oversized frame is sent alone", () => {
  const big = "x".repeat(700_000);
  const huge = "y".repeat(3_000_000);
  const q = queue();
  q.push([big, big, huge]);
  expect(q.take()?.frames.length).toBe(1);
  q.confirmed(1n);
  expect(q.take()?.frames).toEqual([big]);
  q.confirmed(2n);
  expect(q.take()).toEqual({ first: 3n, frames: [huge] });
});

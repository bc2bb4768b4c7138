import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { JobSchema } from "../../gen/gridloom/v1/jobs_pb.ts";
import type { Gate } from "../../live/connection/interfaces.ts";
import { followJobs, type Watch } from "./follow-jobs.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

const environment = {
  now: () => Date.now(),
  random: () => 1,
  after: (millis: number, then: () => void) => {
    const timer = setTimeout(then, millis);
    return () => clearTimeout(timer);
  },
};

const open: Gate = {
  acquire: async () => ({ release: () => undefined }),
  close: () => undefined,
};

/** What is reported of streams; each has its answers, by the ids of their jobs, and then its end. */
function followed(streams: readonly [answers: string[], end: unknown][], gate = open) {
  const reports: string[] = [];
  const abort = new AbortController();
  const opened: number[] = [];
  const watch: Watch = async function* (signal) {
    const [answers, end] = streams[opened.push(Date.now()) - 1] ?? [[], "waits"];
    for (const ids of answers) yield { jobs: [...ids].map((id) => create(JobSchema, { id })) };
    if (end === "ends") return;
    if (end !== "waits") throw end;
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const target = {
    onJobs: (jobs: readonly { id: string }[], isFirst: boolean) =>
      void reports.push(`${isFirst ? "first " : ""}${jobs.map(({ id }) => id).join("")}`),
    onLost: () => void reports.push("lost"),
  };
  const done = followJobs(environment, gate, watch, target, abort.signal);
  return { reports, abort, opened, done };
}

test("a stream that ends is opened again, and its first answer is marked", async () => {
  const { reports, abort, done } = followed([
    [["a", "b"], "ends"],
    [[], new ConnectError("", Code.Unavailable)],
    [["ab"], "waits"],
  ]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reports).toEqual(["first a", "b", "lost", "first ab"]);
  abort.abort();
  await done;
  expect(reports).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test("attempts that fail are made less and less often", async () => {
  const away = new ConnectError("", Code.Unavailable);
  const { reports, abort, opened, done } = followed(
    Array.from({ length: 99 }, () => [[], away] as [string[], unknown]),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opened.length).toBeLessThan(12);
  expect(reports).toEqual(["lost"]);
  abort.abort();
  await done;
});

test("a refused token ends the attempts", async () => {
  const { reports, opened, done } = followed([[["a"], new ConnectError("", Code.Unauthenticated)]]);
  await done;
  expect(opened).toHaveLength(1);
  expect(reports).toEqual(["first a", "lost"]);
});

test("a stream is given away when another page needs it, and taken again", async () => {
  const revokes: (() => void)[] = [];
  const gate: Gate = {
    acquire: async (waiting, revoke) => {
      if (revokes.push(revoke) > 1) waiting("crowded");
      return { release: () => undefined };
    },
    close: () => undefined,
  };
  const { reports, abort, done } = followed(
    [
      [["a"], "waits"],
      [["b"], "waits"],
    ],
    gate,
  );
  await vi.advanceTimersByTimeAsync(0);
  revokes[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(reports).toEqual(["first a", "lost", "first b"]);
  abort.abort();
  await done;
});

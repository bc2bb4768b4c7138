import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NoticeServiceWatchResponseSchema } from "../../gen/gridloom/v1/notices_pb.ts";
import { directSource, SILENT_MILLIS } from "./direct.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

/** A server that answers at these intervals, and then never. */
function source(...intervals: number[]) {
  const after = (millis: number, then: () => void) => {
    const timer = setTimeout(then, millis);
    return () => clearTimeout(timer);
  };
  const requests: unknown[] = [];
  const made = directSource({ after }, async function* (request, options) {
    requests.push(request);
    const failed = new Promise<never>((_, reject) => {
      const aborted = () => reject(options?.signal?.reason);
      options?.signal?.addEventListener("abort", aborted);
    });
    for (const interval of intervals) {
      await Promise.any([failed, new Promise<void>((resolve) => void after(interval, resolve))]);
      yield create(NoticeServiceWatchResponseSchema, {});
    }
    await failed;
  });
  return { made, requests };
}

async function end(answers: AsyncIterable<unknown>): Promise<{ error: unknown; count: number }> {
  let count = 0;
  try {
    for await (const _ of answers) count += 1;
  } catch (error) {
    return { error, count };
  }
  return { error: undefined, count };
}

test("a stream that is silent for too long ends, and empty answers keep it", async () => {
  const { made, requests } = source(25_000, 25_000, SILENT_MILLIS - 1);
  const ended = end(made.open(7n, new AbortController().signal));
  await vi.advanceTimersByTimeAsync(50_000 + SILENT_MILLIS);
  await vi.advanceTimersByTimeAsync(SILENT_MILLIS);
  expect(await ended).toMatchObject({
    count: 3,
    error: { message: "The server does not answer." },
  });
  expect(requests).toEqual([{ after: 7n }]);
});

test("a stream of the present names no number, and ends with its signal", async () => {
  const { made, requests } = source();
  const abort = new AbortController();
  const ended = end(made.open(undefined, abort.signal));
  await vi.advanceTimersByTimeAsync(0);
  abort.abort(new Error("signed out"));
  expect(await ended).toMatchObject({ count: 0, error: { message: "signed out" } });
  expect(requests).toEqual([{}]);
  expect(vi.getTimerCount()).toBe(0);
});

test("only an error of the token means that it is refused", () => {
  const { made } = source();
  expect(made.isRefused(new ConnectError("", Code.Unauthenticated))).toBe(true);
  expect(made.isRefused(new ConnectError("", Code.Unavailable))).toBe(false);
  expect(made.isRefused(new TypeError("fetch"))).toBe(false);
});

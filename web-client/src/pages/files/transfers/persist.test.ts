import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { networkGone } from "../../../api/errors.ts";
import { LocalProblem } from "../problems/local-problem.ts";
import { refusal } from "./fake-files.ts";
import { persist } from "./persist.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const waiting = (signal = new AbortController().signal) => ({ signal, onWait: vi.fn() });

/** Calls that fail with an error so many times. */
function failing(error: unknown, times: number) {
  let calls = 0;
  return vi.fn(async () => {
    if (++calls <= times) throw error;
    return "done";
  });
}

test.each([
  ["no network", networkGone()],
  ["a server that restarts", new ConnectError("", Code.Unavailable)],
  ["a server without room", refusal(Code.ResourceExhausted, "BUSY")],
])("%s is waited for without end", async (_, error) => {
  const done = persist(failing(error, 40), waiting());
  await vi.runAllTimersAsync();
  expect(await done).toBe("done");
});

test("other errors that may pass are repeated a few times", async () => {
  const error = new ConnectError("slow", Code.DeadlineExceeded);
  const call = failing(error, 40);
  const failed = expect(persist(call, waiting())).rejects.toThrow("slow");
  await vi.runAllTimersAsync();
  await failed;
  expect(call).toHaveBeenCalledTimes(5);
  const passes = persist(failing(error, 4), waiting());
  await vi.runAllTimersAsync();
  expect(await passes).toBe("done");
});

test.each([
  ["a full storage", refusal(Code.ResourceExhausted, "STORAGE_FULL")],
  ["a bad name", new ConnectError("", Code.InvalidArgument)],
  ["a problem of this computer", new LocalProblem("full")],
])("%s is not repeated", async (_, error) => {
  const call = failing(error, 1);
  await expect(persist(call, waiting())).rejects.toBe(error);
  expect(call).toHaveBeenCalledOnce();
});

test("a wait ends with the transfer", async () => {
  const abort = new AbortController();
  const call = failing(networkGone(), 99);
  const ended = expect(persist(call, waiting(abort.signal))).rejects.toThrow("cancelled");
  await vi.advanceTimersByTimeAsync(10_000);
  const { length } = call.mock.calls;
  abort.abort(new Error("cancelled"));
  await ended;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(call).toHaveBeenCalledTimes(length);
});

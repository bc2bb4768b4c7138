import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { type Job, JobSchema, JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import {
  failureOf,
  jobProblem,
  mayCancel,
  mayRetry,
  progressOf,
  stateText,
  whenText,
} from "./job-text.ts";

function job(given: MessageInitShape<typeof JobSchema>): Job {
  return create(JobSchema, given);
}

const RUNNING = { state: JobState.RUNNING, attempt: 1, attempts: 3 };

test("a running job shows how much is done, where that is known", () => {
  expect(stateText(job(RUNNING))).toBe("Running");
  const most = job({ ...RUNNING, progressDone: 999n, progressTotal: 1000n });
  expect(stateText(most)).toMatch(/^Running · 99/);
  expect(stateText(job({ ...RUNNING, attempt: 2 }))).toBe("Running · attempt 2 of 3");
  expect(stateText(job({ ...RUNNING, cancelAsked: true }))).toBe("Cancelling…");
  expect(progressOf(job(RUNNING))).toBeUndefined();
  expect(progressOf(job({ progressDone: 7n, progressTotal: 5n }))).toBe(1);
});

test("each state has a word, also one of a later version", () => {
  const states = [JobState.WAITING, JobState.DONE, JobState.FAILED, JobState.CANCELLED];
  const words = states.map((state) => stateText(job({ state })));
  expect(words).toEqual(["Waiting", "Done", "Failed", "Cancelled"]);
  expect(stateText(job({ state: JobState.WAITING, attempt: 1 }))).toContain("another attempt");
  expect(stateText(job({ state: 77 as JobState }))).toContain("Reload");
});

test("a job that has ended is not cancelled, and only a retryable one that is not done runs again", () => {
  expect(mayCancel(job(RUNNING))).toBe(true);
  expect(mayCancel(job({ ...RUNNING, cancelAsked: true }))).toBe(false);
  const failed = { state: JobState.FAILED, isRetryable: true };
  expect(mayCancel(job(failed))).toBe(false);
  expect(mayRetry(job(failed))).toBe(true);
  expect(mayRetry(job({ ...failed, isRetryable: false }))).toBe(false);
  expect(mayRetry(job({ ...failed, state: JobState.DONE }))).toBe(false);
});

test("an error is shown until a later attempt runs", () => {
  const error = "The server stopped.";
  expect(failureOf(job({ state: JobState.FAILED, error }))).toBe(error);
  expect(failureOf(job({ state: JobState.WAITING, error }))).toBe(error);
  expect(failureOf(job({ state: JobState.RUNNING, error }))).toBeUndefined();
  expect(failureOf(job({ state: JobState.FAILED }))).toBeUndefined();
});

test("a cancelled job has no failure", () => {
  expect(failureOf(job({ state: JobState.CANCELLED, error: "cancelled" }))).toBeUndefined();
});

test("the time is that of the end, and of the start before", () => {
  const minutes = (count: number) => BigInt(count) * 60_000_000n;
  const times = { createdAtMicros: minutes(1), startedAtMicros: minutes(50) };
  const now = 60 * 60_000;
  expect(whenText(job({ ...RUNNING, ...times }), now)).toMatch(/10/);
  const ended = { ...times, endedAtMicros: minutes(57), state: JobState.DONE };
  expect(whenText(job(ended), now)).toMatch(/3/);
  expect(whenText(job({ createdAtMicros: minutes(55) }), now)).toMatch(/5/);
});

test("a job that is gone is not called a sheet", () => {
  expect(jobProblem(new ConnectError("", Code.NotFound))).toBe("This job is no longer listed.");
});

// A job in words, and what a person can do with it.
import { Code } from "@connectrpc/connect";
import { errorText, hasCode } from "../../api/errors.ts";
import { reasonOf } from "../../api/reasons.ts";
import { ago } from "../../base/text.ts";
import { type Job, JobState } from "../../gen/gridloom/v1/jobs_pb.ts";

const PERCENT = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

export function isUnderWay({ state }: Job): boolean {
  return state === JobState.WAITING || state === JobState.RUNNING;
}

export function mayCancel(job: Job): boolean {
  return isUnderWay(job) && !job.cancelAsked;
}

export function mayRetry({ state, isRetryable }: Job): boolean {
  return isRetryable && (state === JobState.FAILED || state === JobState.CANCELLED);
}

/** How much of a job is done, from 0 to 1; undefined while that is not known. */
export function progressOf({ progressDone, progressTotal }: Job): number | undefined {
  if (progressTotal === 0n) return undefined;
  return Math.min(1, Number(progressDone) / Number(progressTotal));
}

/** A part is never rounded up to the whole. */
function percent(part: number): string {
  return PERCENT.format(Math.floor(part * 100) / 100);
}

function runningText(job: Job): string {
  const { attempt, attempts, cancelAsked } = job;
  if (cancelAsked) return "Cancelling…";
  const done = progressOf(job);
  const text = done === undefined ? "Running" : `Running · ${percent(done)}`;
  return attempt > 1 ? `${text} · attempt ${attempt} of ${Math.max(attempt, attempts)}` : text;
}

/** The state of a job. */
export function stateText(job: Job): string {
  switch (job.state) {
    case JobState.WAITING:
      return job.attempt === 0 ? "Waiting" : "Waiting for another attempt";
    case JobState.RUNNING:
      return runningText(job);
    case JobState.DONE:
      return "Done";
    case JobState.FAILED:
      return "Failed";
    case JobState.CANCELLED:
      return "Cancelled";
    default:
      // Of a later version.
      return "In a state that this page does not know. Reload it";
  }
}

/** When a job ended, or began, or was asked for. */
export function whenText(job: Job, now: number): string {
  const { createdAtMicros, startedAtMicros, endedAtMicros } = job;
  const at = isUnderWay(job)
    ? startedAtMicros || createdAtMicros
    : endedAtMicros || createdAtMicros;
  return ago(Number(at / 1000n), now);
}

/** Why the last attempt failed; undefined for a job whose later attempt runs, or is done, and for a cancelled one. */
export function failureOf({ state, error }: Job): string | undefined {
  const hasFailed = state === JobState.FAILED || state === JobState.WAITING;
  return hasFailed && error !== "" ? error : undefined;
}

const SENTENCES: Readonly<Record<string, string>> = {
  JOB_DONE: "This job is done already.",
  JOB_BEING_CANCELLED: "This job is being cancelled. Retry it when it has ended.",
  JOB_NOT_RETRYABLE: "This job can't run again. Begin the work again where it began.",
  TOO_MANY_JOBS: "As many jobs as possible are waiting. Wait for some of them, or cancel one.",
};

/** An error of a call about jobs as a message for a person. */
export function jobProblem(error: unknown): string {
  const known = SENTENCES[reasonOf(error).name];
  if (known !== undefined) return known;
  return hasCode(error, Code.NotFound) ? "This job is no longer listed." : errorText(error);
}

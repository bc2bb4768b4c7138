// The stream of jobs: opened when the gate permits it, and opened again after its end.
//
// What it is not: it keeps no job. Invariants: the first answer of each stream is marked as such; a loss is reported once
// until the next answer; after the signal nothing is reported.
import type { Job } from "../../gen/gridloom/v1/jobs_pb.ts";
import { backoffMillis } from "../../live/connection/backoff.ts";
import type { Environment, Gate } from "../../live/connection/interfaces.ts";
import { isUnauthenticated } from "../../live/inbox/direct.ts";

/** A stream that lasts this long resets the backoff. */
const STEADY_MILLIS = 5_000;

/** Opens a stream. */
export type Watch = (signal: AbortSignal) => AsyncIterable<{ jobs: readonly Job[] }>;

export interface JobTarget {
  /** Jobs as they are now; the first answer of a stream has all that are under way. */
  onJobs(jobs: readonly Job[], isFirst: boolean): void;
  /** There is no stream: jobs may change without a report. */
  onLost(): void;
}

/** Follows the jobs until the signal, or until the server refuses the token. */
export async function followJobs(
  environment: Omit<Environment, "isOnline">,
  gate: Gate,
  watch: Watch,
  target: JobTarget,
  signal: AbortSignal,
): Promise<void> {
  const { now, random, after } = environment;
  signal.addEventListener("abort", () => gate.close());
  const reports = reportsTo(target, signal);
  let failures = 0;
  while (!signal.aborted) {
    const revoked = new AbortController();
    const permit = await gate.acquire(reports.onLost, () => revoked.abort());
    if (permit === undefined) return;
    const since = now();
    const either = AbortSignal.any([signal, revoked.signal]);
    const end = await hold(watch, reports, either).finally(() => permit.release());
    reports.onLost();
    if (isUnauthenticated(end.error)) return;
    failures = end.hasAnswered && now() - since >= STEADY_MILLIS ? 1 : failures + 1;
    if (!either.aborted) await sleep(after, backoffMillis(failures, random), signal);
  }
}

/** The target as long as the signal is not there; a loss is reported once. */
function reportsTo(target: JobTarget, signal: AbortSignal): JobTarget {
  let isLost = false;
  return {
    onJobs(jobs, isFirst) {
      isLost = false;
      if (!signal.aborted) target.onJobs(jobs, isFirst);
    },
    onLost() {
      if (isLost || signal.aborted) return;
      isLost = true;
      target.onLost();
    },
  };
}

interface End {
  error: unknown;
  hasAnswered: boolean;
}

async function hold(watch: Watch, target: JobTarget, signal: AbortSignal): Promise<End> {
  let hasAnswered = false;
  try {
    for await (const { jobs } of watch(signal)) {
      if (signal.aborted) break;
      target.onJobs(jobs, !hasAnswered);
      hasAnswered = true;
    }
    return { error: undefined, hasAnswered };
  } catch (error) {
    return { error, hasAnswered };
  }
}

function sleep(after: Environment["after"], millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(millis, resolve);
    const aborted = () => {
      cancel();
      resolve();
    };
    signal.addEventListener("abort", aborted, { once: true });
  });
}

// The jobs of the page: those of the list, as the stream has sent them since.
//
// Invariant: each job is there once, and the newest one is first.
import type { Job } from "../../gen/gridloom/v1/jobs_pb.ts";

/** Jobs by their ids. */
export type Jobs = ReadonlyMap<string, Job>;

/** Most jobs that are kept of a stream; above that the oldest ones are left to the list. */
export const WATCHED_MOST = 500;

function newestFirst(a: Job, b: Job): number {
  if (a.createdAtMicros !== b.createdAtMicros)
    return a.createdAtMicros < b.createdAtMicros ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** Jobs with those of an answer in their place. */
export function withJobs(jobs: Jobs, answer: readonly Job[]): Jobs {
  const all = new Map(jobs);
  for (const job of answer) all.set(job.id, job);
  if (all.size <= WATCHED_MOST) return all;
  const newest = [...all.values()].sort(newestFirst).slice(0, WATCHED_MOST);
  return new Map(newest.map((job) => [job.id, job]));
}

/** The jobs of the list and of the stream, each as the stream has it. */
export function joinedJobs(listed: readonly Job[], watched: Jobs): readonly Job[] {
  const all = new Map(listed.map((job) => [job.id, job]));
  for (const [id, job] of watched) all.set(id, job);
  return [...all.values()].sort(newestFirst);
}

import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type Job, JobSchema, JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import { joinedJobs, WATCHED_MOST, withJobs } from "./job-list.ts";

function job(id: string, created: number, state = JobState.RUNNING): Job {
  return create(JobSchema, { id, createdAtMicros: BigInt(created), state });
}

function ids(jobs: Iterable<Job>): string {
  return [...jobs].map(({ id }) => id).join("");
}

test("a job is there once, as the stream has it, and the newest is first", () => {
  const listed = [job("c", 3), job("b", 2), job("a", 1)];
  const watched = withJobs(new Map(), [job("b", 2, JobState.DONE), job("d", 4)]);
  const joined = joinedJobs(listed, watched);
  expect(ids(joined)).toBe("dcba");
  expect(joined[2]?.state).toBe(JobState.DONE);
});

test("jobs of one moment stand in the order of the list", () => {
  expect(ids(joinedJobs([job("b", 1), job("a", 1)], new Map()))).toBe("ba");
  expect(ids(joinedJobs([job("a", 1)], withJobs(new Map(), [job("b", 1)])))).toBe("ba");
});

test("a later answer replaces a job, and the oldest ones are left out above the limit", () => {
  const many = Array.from({ length: WATCHED_MOST }, (_, n) => job(`j${n}`, n));
  const full = withJobs(new Map(), many);
  const again = withJobs(full, [job("j0", 0, JobState.DONE)]);
  expect(again.size).toBe(WATCHED_MOST);
  expect(again.get("j0")?.state).toBe(JobState.DONE);
  const above = withJobs(full, [job("new", WATCHED_MOST)]);
  expect(above.size).toBe(WATCHED_MOST);
  expect(above.has("j0")).toBe(false);
  expect(above.has("new")).toBe(true);
});

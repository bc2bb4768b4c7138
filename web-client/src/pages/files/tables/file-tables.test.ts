import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type Job, JobSchema, JobState } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { ListTablesResponseSchema } from "../../../gen/gridloom/v1/tables_pb.ts";
import { fileTables, looksLikeTable, stateOf } from "./file-tables.ts";

function job(state: JobState, given: MessageInitShape<typeof JobSchema> = {}): Job {
  return create(JobSchema, { id: "j", state, ...given });
}

function read(given: MessageInitShape<typeof ListTablesResponseSchema>, live?: Job) {
  return fileTables(create(ListTablesResponseSchema, given), live);
}

const TABLES = [{ rows: 3_000n }];

test("each state of a file has words", () => {
  expect(stateOf(read({}))).toBe("Not read yet");
  expect(stateOf(read({ job: job(JobState.RUNNING) }))).toBe("Being read…");
  expect(stateOf(read({ job: job(JobState.FAILED) }))).toBe("Could not be read");
  expect(stateOf(read({ tables: TABLES }))).toMatch(/^3.?000 rows$/);
  expect(stateOf(read({ tables: [...TABLES, { rows: 1n }] }))).toMatch(/^3.?001 rows in 2 tables$/);
});

test("the job is as the stream has sent it, until an answer shows its end", () => {
  const live = job(JobState.RUNNING, { progressDone: 7n });
  expect(read({ job: job(JobState.WAITING) }, live).reading).toBe(live);
  expect(read({ job: job(JobState.DONE), tables: TABLES }, live).reading).toBeUndefined();
  const other = job(JobState.RUNNING, { id: "other" });
  expect(read({ job: job(JobState.WAITING) }, other).reading?.state).toBe(JobState.WAITING);
});

test("a file counts as being read until its tables are there", () => {
  const listed = job(JobState.RUNNING);
  expect(read({ job: listed }, job(JobState.DONE)).reading?.id).toBe("j");
  expect(read({ job: listed }, job(JobState.FAILED, { error: "Line 7." })).failure).toBe("Line 7.");
  expect(read({ job: listed }, job(JobState.CANCELLED)).isCancelled).toBe(true);
});

test("former tables stay after a failure", () => {
  const failed = read({ tables: TABLES, job: job(JobState.FAILED, { error: "Line 7." }) });
  expect([failed.tables.length, failed.failure]).toEqual([1, "Line 7."]);
});

test("names of files with tables are known by their ends", () => {
  for (const name of ["a.csv", "B.TSV", "c.jsonl", "d.parquet", "e.xlsx"])
    expect(looksLikeTable(name)).toBe(true);
  for (const name of ["a.csv.gz", "b.txt", "csv", "c.xls"])
    expect(looksLikeTable(name)).toBe(false);
});

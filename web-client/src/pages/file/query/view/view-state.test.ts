import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { JobSchema, JobState } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import { MakeViewResponseSchema } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { viewState } from "./view-state.ts";

function job(given: MessageInitShape<typeof JobSchema>) {
  return create(JobSchema, { id: "j", state: JobState.RUNNING, attempt: 1, ...given });
}

const RUNNING = job({ progressDone: 5n, progressTotal: 10n });
const ANSWER = create(MakeViewResponseSchema, { job: RUNNING });

test("a view that is there needs no job", () => {
  const answer = create(MakeViewResponseSchema, { view: { id: "v", rows: 209n } });
  expect(viewState(answer, null, undefined)).toEqual({ is: "ready", view: { id: "v", rows: 209 } });
});

test("a job that is done names the view", () => {
  expect(viewState(undefined, null, undefined)).toEqual({ is: "making", job: undefined });
  expect(viewState(ANSWER, null, undefined)).toEqual({ is: "making", job: RUNNING });
  const done = job({ state: JobState.DONE, viewId: "v", rows: 7n });
  expect(viewState(ANSWER, null, done)).toEqual({ is: "ready", view: { id: "v", rows: 7 } });
});

test("a job of another view says nothing", () => {
  const other = job({ id: "k", state: JobState.FAILED, error: "no" });
  expect(viewState(ANSWER, null, other)).toEqual({ is: "making", job: RUNNING });
});

test("a job that failed, was cancelled, or never began has no view", () => {
  const failed = job({ state: JobState.FAILED, error: "it needs more memory" });
  expect(viewState(ANSWER, null, failed)).toEqual({
    is: "failed",
    reason: "it needs more memory",
  });
  const cancelled = job({ state: JobState.CANCELLED });
  expect(viewState(ANSWER, null, cancelled)).toEqual({ is: "cancelled" });
  expect(viewState(undefined, "away", undefined)).toEqual({ is: "failed", error: "away" });
});

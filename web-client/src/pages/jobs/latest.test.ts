import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { JobSchema, JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import { latest } from "./latest.ts";

function job(given: MessageInitShape<typeof JobSchema>) {
  return create(JobSchema, { id: "j", state: JobState.RUNNING, attempt: 1, ...given });
}

const RUNNING = job({ progressDone: 5n, progressTotal: 10n });

test("the end of a job counts, and else its progress", () => {
  const [more, again] = [job({ progressDone: 8n }), job({ attempt: 2, progressDone: 1n })];
  expect(latest("j", [RUNNING, more])).toBe(more);
  expect(latest("j", [again, more])).toBe(again);
  const done = job({ state: JobState.DONE });
  expect(latest("j", [done, again])).toBe(done);
  expect(latest("j", [undefined])).toBeUndefined();
});

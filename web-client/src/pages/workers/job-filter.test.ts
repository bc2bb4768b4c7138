import { expect, test } from "vitest";
import { JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import { aboutOf, SHOWN, statesOf } from "./job-filter.ts";

test("each choice has states of its own, and all has none", () => {
  expect(statesOf("all")).toEqual([]);
  const states = SHOWN.flatMap(({ value }) => statesOf(value));
  expect(new Set(states).size).toBe(states.length);
  expect(states).toContain(JobState.RUNNING);
});

test("a job is one of an account or of the server", () => {
  expect(aboutOf({ email: "ada@example.org", node: "" })).toBe("ada@example.org");
  expect(aboutOf({ email: "", node: "n1" })).toBe("of the server · at n1");
});

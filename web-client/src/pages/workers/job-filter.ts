// Which of all jobs an operator looks at, and whose each is.
import { JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import type { OperatedJob } from "../../gen/gridloom/v1/operator_pb.ts";

export type Shown = "all" | "under-way" | "failed" | "cancelled" | "done";

export const SHOWN: readonly { value: Shown; label: string; states: readonly JobState[] }[] = [
  { value: "all", label: "All", states: [] },
  { value: "under-way", label: "Under way", states: [JobState.WAITING, JobState.RUNNING] },
  { value: "failed", label: "Failed", states: [JobState.FAILED] },
  { value: "cancelled", label: "Cancelled", states: [JobState.CANCELLED] },
  { value: "done", label: "Done", states: [JobState.DONE] },
];

export function statesOf(shown: Shown): readonly JobState[] {
  return SHOWN.find(({ value }) => value === shown)?.states ?? [];
}

/** Whose a job is, and where it runs. */
export function aboutOf({ email, node }: Pick<OperatedJob, "email" | "node">): string {
  const whose = email === "" ? "of the server" : email;
  return node === "" ? whose : `${whose} · at ${node}`;
}

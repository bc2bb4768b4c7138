// What there is of a view: the rows, the job that makes them, or why there are none.
//
// What it is not: calls (see use-view.ts).
import { type Job, JobState } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import type { MakeViewResponse } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { isUnderWay } from "../../../jobs/job-text.ts";
import { latest } from "../../../jobs/latest.ts";

export interface MadeView {
  id: string;
  rows: number;
}

export type ViewState =
  /** Nothing is asked: the rows are those of the table. */
  | { is: "table" }
  /** `job`: absent until the server has answered. */
  | { is: "making"; job: Job | undefined }
  | { is: "ready"; view: MadeView }
  | { is: "cancelled" }
  /** `error`: of a call; `reason`: the sentence of the job. */
  | { is: "failed"; error?: unknown; reason?: string };

function jobState(job: Job): ViewState {
  if (isUnderWay(job)) return { is: "making", job };
  if (job.state === JobState.CANCELLED) return { is: "cancelled" };
  if (job.state === JobState.DONE && job.viewId !== "")
    return { is: "ready", view: { id: job.viewId, rows: Number(job.rows) } };
  return { is: "failed", reason: job.error };
}

/** `answer`: of the call that asks for the view; `later`: what is known of its job since. */
export function viewState(
  answer: MakeViewResponse | undefined,
  error: unknown,
  later: Job | undefined,
): ViewState {
  // An answer of before stays beside the error of the last call.
  if (error !== null && error !== undefined) return { is: "failed", error };
  if (answer?.view !== undefined) {
    const { id, rows } = answer.view;
    return { is: "ready", view: { id, rows: Number(rows) } };
  }
  const first = answer?.job;
  if (first === undefined) return { is: "making", job: undefined };
  return jobState(latest(first.id, [first, later]) ?? first);
}

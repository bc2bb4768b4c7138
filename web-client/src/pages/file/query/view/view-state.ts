// What there is of a view: the rows, the job that makes them, or why there are none.
//
// What it is not: calls (see use-view.ts). Invariant: of the reports about one job the one that shows its end counts.
import { type Job, JobState } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import type { MakeViewResponse } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { isUnderWay } from "../../../jobs/job-text.ts";

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

/** The later one of reports about the same job. */
export function latest(id: string, reports: readonly (Job | undefined)[]): Job | undefined {
  const own = reports.filter((job) => job?.id === id).filter((job) => job !== undefined);
  const ended = own.find((job) => !isUnderWay(job));
  if (ended !== undefined) return ended;
  const done = ({ attempt, progressDone }: Job) => attempt * 2 ** 53 + Number(progressDone);
  return own.reduce<Job | undefined>(
    (best, job) => (best === undefined || done(job) > done(best) ? job : best),
    undefined,
  );
}

function jobState(job: Job): ViewState {
  if (isUnderWay(job)) return { is: "making", job };
  if (job.state === JobState.CANCELLED) return { is: "cancelled" };
  if (job.state === JobState.DONE && job.viewId !== "")
    return { is: "ready", view: { id: job.viewId, rows: Number(job.rows) } };
  return { is: "failed", reason: job.error };
}

/** `answer`: of the call that asks for the view; `reports`: what is known of its job since. */
export function viewState(
  answer: MakeViewResponse | undefined,
  error: unknown,
  reports: readonly (Job | undefined)[],
): ViewState {
  // An answer of before stays beside the error of the last call.
  if (error !== null && error !== undefined) return { is: "failed", error };
  if (answer?.view !== undefined) {
    const { id, rows } = answer.view;
    return { is: "ready", view: { id, rows: Number(rows) } };
  }
  const first = answer?.job;
  if (first === undefined) return { is: "making", job: undefined };
  return jobState(latest(first.id, [first, ...reports]) ?? first);
}

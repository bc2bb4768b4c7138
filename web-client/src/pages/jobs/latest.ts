// Which of several reports about one job is the later one.
//
// Invariant: a report that shows the end of the job counts, whichever others there are.
import type { Job } from "../../gen/gridloom/v1/jobs_pb.ts";
import { isUnderWay } from "./job-text.ts";

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

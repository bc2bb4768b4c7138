// One job until its end: by calls, and by the stream of jobs in between.
//
// Invariant: nothing is cancelled but by the person: a job continues after the page is left, and is listed with the others.
import { useQuery } from "@connectrpc/connect-query";
import { type Job, JobService } from "../../gen/gridloom/v1/jobs_pb.ts";
import { isUnderWay } from "./job-text.ts";
import { latest } from "./latest.ts";
import { useWatched } from "./use-jobs.ts";

/** The pauses between looks at the job: work on a small table is done within the first ones. */
const [POLL_MILLIS, POLL_MOST_MILLIS] = [200, 2_000];

export interface FollowedJob {
  /** Undefined until the first report. */
  job: Job | undefined;
  /** The error of the last call; null: it had none. */
  error: unknown;
  refetch: () => unknown;
}

/** What is known of a job since it began; `id` undefined: there is none. */
export function useJob(id: string | undefined): FollowedJob {
  const { data, error, refetch } = useQuery(
    JobService.method.getJob,
    { jobId: id ?? "" },
    {
      enabled: id !== undefined,
      gcTime: 0,
      refetchInterval: ({ state: { data, dataUpdateCount, errorUpdateCount } }) =>
        data?.job !== undefined && !isUnderWay(data.job)
          ? false
          : Math.min(POLL_MOST_MILLIS, POLL_MILLIS * 2 ** (dataUpdateCount + errorUpdateCount)),
    },
  );
  const read = id === undefined ? undefined : data?.job;
  const hasEnded = read !== undefined && !isUnderWay(read);
  const watched = useWatched(id !== undefined && !hasEnded);
  const job = id === undefined ? undefined : latest(id, [read, watched.jobs.get(id)]);
  return { job, error, refetch };
}

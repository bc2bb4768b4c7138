// Makes the view that a query asks for, and follows its job.
//
// Invariant: nothing is cancelled but by the person: a job continues after the page is left, and is listed with the others.
import { useMutation, useQuery } from "@connectrpc/connect-query";
import { useCallback, useMemo } from "react";
import { JobService } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import { type Table, TableService } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { showToast } from "../../../../ui/toasts.ts";
import { isUnderWay, jobProblem } from "../../../jobs/job-text.ts";
import { useWatched } from "../../../jobs/use-jobs.ts";
import { isAsked, type Query } from "../query.ts";
import { viewRequest } from "./requests.ts";
import { type ViewState, viewState } from "./view-state.ts";

const { makeView } = TableService.method;
const { cancelJob, getJob } = JobService.method;
/** The pauses between looks at the job: a small table is sorted within the first ones. */
const [POLL_MILLIS, POLL_MOST_MILLIS] = [200, 2_000];

export interface Viewed {
  state: ViewState;
  /** Asks for the view again. */
  again: () => void;
  cancel: (jobId: string) => void;
  isCancelling: boolean;
}

/** What is known of a job since it began. */
function useJob(jobId: string | undefined) {
  const { data } = useQuery(
    getJob,
    { jobId: jobId ?? "" },
    {
      enabled: jobId !== undefined,
      gcTime: 0,
      refetchInterval: ({ state: { data, dataUpdateCount, errorUpdateCount } }) =>
        data?.job !== undefined && !isUnderWay(data.job)
          ? false
          : Math.min(POLL_MOST_MILLIS, POLL_MILLIS * 2 ** (dataUpdateCount + errorUpdateCount)),
    },
  );
  const hasEnded = data?.job !== undefined && !isUnderWay(data.job);
  const watched = useWatched(jobId !== undefined && !hasEnded);
  return [data?.job, jobId === undefined ? undefined : watched.jobs.get(jobId)];
}

export function useView(fileId: string, table: Table, query: Query): Viewed {
  const request = useMemo(() => viewRequest(fileId, table, query), [fileId, table, query]);
  const isWanted = isAsked(query);
  // A view may end, so an answer of before does not count later.
  const options = { enabled: isWanted, gcTime: 0, staleTime: Number.POSITIVE_INFINITY };
  const made = useQuery(makeView, request, options);
  const { data, error, isFetching } = made;
  const reports = useJob(isWanted && data?.view === undefined ? data?.job?.id : undefined);
  const { refetch } = made;
  const again = useCallback(() => void refetch(), [refetch]);
  const cancelling = useMutation(cancelJob, {
    onError: (error) => showToast("error", jobProblem(error)),
  });
  const found = isWanted ? viewState(data, error, reports) : ({ is: "table" } as const);
  return {
    // While it is asked for again, what came of the last time does not count.
    state: isWanted && isFetching ? { is: "making", job: undefined } : found,
    again,
    cancel: (jobId) => cancelling.mutate({ jobId }),
    isCancelling: cancelling.isPending,
  };
}

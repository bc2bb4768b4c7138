// Makes the view that a query asks for, and follows its job.
//
// Invariant: nothing is cancelled but by the person: a job continues after the page is left, and is listed with the others.
import { useMutation, useQuery } from "@connectrpc/connect-query";
import { useCallback, useMemo } from "react";
import { JobService } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import { type Table, TableService } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { showToast } from "../../../../ui/toasts.ts";
import { jobProblem } from "../../../jobs/job-text.ts";
import { useJob } from "../../../jobs/use-job.ts";
import { isAsked, type Query } from "../query.ts";
import { viewRequest } from "./requests.ts";
import { type ViewState, viewState } from "./view-state.ts";

const { makeView } = TableService.method;
const { cancelJob } = JobService.method;

export interface Viewed {
  state: ViewState;
  /** Asks for the view again. */
  again: () => void;
  cancel: (jobId: string) => void;
  isCancelling: boolean;
}

export function useView(fileId: string, table: Table, query: Query): Viewed {
  const request = useMemo(() => viewRequest(fileId, table, query), [fileId, table, query]);
  const isWanted = isAsked(query);
  // A view may end, so an answer of before does not count later.
  const options = { enabled: isWanted, gcTime: 0, staleTime: Number.POSITIVE_INFINITY };
  const made = useQuery(makeView, request, options);
  const { data, error, isFetching } = made;
  const { job } = useJob(isWanted && data?.view === undefined ? data?.job?.id : undefined);
  const { refetch } = made;
  const again = useCallback(() => void refetch(), [refetch]);
  const cancelling = useMutation(cancelJob, {
    onError: (error) => showToast("error", jobProblem(error)),
  });
  const found = isWanted ? viewState(data, error, job) : ({ is: "table" } as const);
  return {
    // While it is asked for again, what came of the last time does not count.
    state: isWanted && isFetching ? { is: "making", job: undefined } : found,
    again,
    cancel: (jobId) => cancelling.mutate({ jobId }),
    isCancelling: cancelling.isPending,
  };
}

// Loads the workers and the jobs of all accounts, again and again while the page is visible.
import {
  createConnectQueryKey,
  useInfiniteQuery,
  useMutation,
  useQuery,
} from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { queries } from "../../api/queries.ts";
import type { JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import { type OperatedJob, OperatorService } from "../../gen/gridloom/v1/operator_pb.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { showToast } from "../../ui/toasts.ts";
import { jobProblem } from "../jobs/job-text.ts";

const { cancelAnyJob, listAllJobs, listWorkers, retryAnyJob } = OperatorService.method;
const LISTS = createConnectQueryKey({ schema: listAllJobs, cardinality: "infinite" });
const PAGE_SIZE = 50;
/** The pause between looks. A page that is not visible looks at nothing. */
const POLL_MILLIS = 3_000;

export function useWorkers() {
  return useQuery(listWorkers, {}, { refetchInterval: POLL_MILLIS });
}

export interface AllJobs extends Pages {
  jobs: readonly OperatedJob[];
  cancel: (id: string) => void;
  retry: (id: string) => void;
  /** Whether a call about a job is under way. */
  isBusy: (id: string) => boolean;
}

/** After a change: an error is shown, and the list is read again. */
const SETTLED = {
  onError: (error: unknown) => showToast("error", jobProblem(error)),
  onSettled: () => queries.invalidateQueries({ queryKey: LISTS }),
};

/** `states`: none for all; `email`: empty for all accounts. */
export function useAllJobs(states: readonly JobState[], email: string): AllJobs {
  const list = useInfiniteQuery(
    listAllJobs,
    { pageSize: PAGE_SIZE, pageToken: "", states: [...states], email },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      refetchInterval: POLL_MILLIS,
      placeholderData: keepPreviousData,
    },
  );
  const cancelling = useMutation(cancelAnyJob, SETTLED);
  const retrying = useMutation(retryAnyJob, SETTLED);
  return {
    jobs: list.data?.pages.flatMap(({ jobs }) => jobs) ?? [],
    cancel: (id) => cancelling.mutate({ jobId: id }),
    retry: (id) => retrying.mutate({ jobId: id }),
    isBusy: (id) =>
      [cancelling, retrying].some((call) => call.isPending && call.variables?.jobId === id),
    loading: list.isPending,
    problem: list.error === null ? undefined : jobProblem(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

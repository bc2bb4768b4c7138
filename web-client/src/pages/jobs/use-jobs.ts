// Loads the jobs: pages of the list, and what changes as it changes. Without a stream the list is read again and again.
import { createConnectQueryKey, useInfiniteQuery, useMutation } from "@connectrpc/connect-query";
import { useEffect, useState } from "react";
import { jobs } from "../../api/jobs.ts";
import { queries } from "../../api/queries.ts";
import { session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { type Job, JobService } from "../../gen/gridloom/v1/jobs_pb.ts";
import { browser } from "../../live/browser.ts";
import { untilSilent } from "../../live/inbox/direct.ts";
import { sharedStreams } from "../../live/tabs/locks.ts";
import { StreamSlots } from "../../live/tabs/stream-slots.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { showToast } from "../../ui/toasts.ts";
import { followJobs, type JobTarget } from "./follow-jobs.ts";
import { type Jobs, joinedJobs, withJobs } from "./job-list.ts";
import { jobProblem } from "./job-text.ts";

const { cancelJob, listJobs, retryJob } = JobService.method;
const LISTS = createConnectQueryKey({ schema: listJobs, cardinality: "infinite" });
const PAGE_SIZE = 50;
/** How often the list is read while there is no stream. */
const POLL_MILLIS = 5_000;

export interface JobList extends Pages {
  jobs: readonly Job[];
  cancel: (job: Job) => void;
  retry: (job: Job) => void;
  /** Whether a call about a job is under way. */
  isBusy: (job: Job) => boolean;
}

export interface Watched {
  isLive: boolean;
  /** What the stream has sent. */
  jobs: Jobs;
}

const NONE: Watched = { isLive: false, jobs: new Map() };

/** Pages share the few connections of a browser: the stream of jobs has the place of one of a sheet. */
const shared = sharedStreams();

const reload = () => queries.invalidateQueries({ queryKey: LISTS });

function targetOf(set: (change: (earlier: Watched) => Watched) => void): JobTarget {
  return {
    onJobs: (answer, isFirst) =>
      set((earlier) => ({
        isLive: true,
        jobs: withJobs(isFirst ? NONE.jobs : earlier.jobs, answer),
      })),
    onLost() {
      set((earlier) => ({ ...earlier, isLive: false }));
      // What the stream has sent is shown until the list is as new.
      void reload().then(() => set((earlier) => (earlier.isLive ? earlier : NONE)));
    },
  };
}

/** The jobs of the stream, which is opened again for each token. `isWanted`: whether there is to be a stream. */
export function useWatched(isWanted = true): Watched {
  const [watched, setWatched] = useState(NONE);
  const token = useStore(session)?.token;
  useEffect(() => {
    if (token === undefined || !isWanted) return undefined;
    const abort = new AbortController();
    const gate = new StreamSlots(browser, shared, () => false);
    const watch = (signal: AbortSignal) =>
      untilSilent(browser, signal, (signal) => jobs.watchJobs({}, { signal }));
    void followJobs(browser, gate, watch, targetOf(setWatched), abort.signal);
    return () => abort.abort();
  }, [token, isWanted]);
  return watched;
}

/** After a change: an error is shown, and the list is read again, as there may be no stream. */
const SETTLED = {
  onError: (error: unknown) => showToast("error", jobProblem(error)),
  onSettled: reload,
};

export function useJobs(): JobList {
  const watched = useWatched();
  const list = useInfiniteQuery(
    listJobs,
    { pageSize: PAGE_SIZE, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      refetchOnWindowFocus: !watched.isLive,
      refetchInterval: watched.isLive ? false : POLL_MILLIS,
    },
  );
  const cancelling = useMutation(cancelJob, SETTLED);
  const retrying = useMutation(retryJob, SETTLED);
  const listed = list.data?.pages.flatMap((page) => page.jobs) ?? [];
  return {
    jobs: joinedJobs(listed, watched.jobs),
    cancel: ({ id }) => cancelling.mutate({ jobId: id }),
    retry: ({ id }) => retrying.mutate({ jobId: id }),
    isBusy: ({ id }) =>
      [cancelling, retrying].some((call) => call.isPending && call.variables?.jobId === id),
    loading: list.isPending,
    problem: list.error === null ? undefined : jobProblem(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

// Loads what was read from a file, and follows the job that reads it.
import { createConnectQueryKey, useMutation, useQuery } from "@connectrpc/connect-query";
import { useEffect } from "react";
import { queries } from "../../../api/queries.ts";
import { JobService } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { TableService } from "../../../gen/gridloom/v1/tables_pb.ts";
import { showToast } from "../../../ui/toasts.ts";
import { isUnderWay, jobProblem } from "../../jobs/job-text.ts";
import { useWatched } from "../../jobs/use-jobs.ts";
import { fileProblem } from "../problems/file-problem.ts";
import { type FileTables, fileTables } from "./file-tables.ts";

const { listTables } = TableService.method;
/** How often the state is read while the file is read: a stream shows the progress in between. */
const POLL_MILLIS = 2_000;

export interface Loaded {
  /** Undefined until the first answer. */
  found: FileTables | undefined;
  problem: string | undefined;
  reload: () => void;
}

export function reloadTables(fileId: string): void {
  const key = createConnectQueryKey({
    schema: listTables,
    input: { fileId },
    cardinality: "finite",
  });
  void queries.invalidateQueries({ queryKey: key });
}

/** The state of a file, read again and again while it is read. */
export function useTables(fileId: string) {
  return useQuery(
    listTables,
    { fileId },
    {
      refetchInterval: ({ state }) =>
        state.data?.job !== undefined && isUnderWay(state.data.job) ? POLL_MILLIS : false,
    },
  );
}

/** The same with the progress of the job as it is made. */
export function useFileTables(fileId: string): Loaded {
  const list = useTables(fileId);
  const job = list.data?.job;
  const watched = useWatched(job !== undefined && isUnderWay(job));
  const live = job && watched.jobs.get(job.id);
  const hasEnded = live !== undefined && !isUnderWay(live) && job !== undefined && isUnderWay(job);
  useEffect(() => {
    if (hasEnded) reloadTables(fileId);
  }, [hasEnded, fileId]);
  return {
    found: list.data && fileTables(list.data, live),
    problem: list.error === null ? undefined : fileProblem(list.error),
    reload: () => void list.refetch(),
  };
}

/** Cancels the job that reads a file. */
export function useCancel(fileId: string) {
  const { mutate, isPending } = useMutation(JobService.method.cancelJob, {
    onError: (error) => showToast("error", jobProblem(error)),
    onSettled: () => reloadTables(fileId),
  });
  return { cancel: (jobId: string) => mutate({ jobId }), isBusy: isPending };
}

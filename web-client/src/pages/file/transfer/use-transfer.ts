// A transfer of a dialog: the call that begins its job, and the job until its end.
import { Code } from "@connectrpc/connect";
import { useMutation as useCallMutation } from "@connectrpc/connect-query";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { hasCode } from "../../../api/errors.ts";
import { newId } from "../../../base/ids.ts";
import { type Job, JobService } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { isUnderWay, jobProblem } from "../../jobs/job-text.ts";
import { useJob } from "../../jobs/use-job.ts";
import { renewRows } from "../query/view/renew-rows.ts";
import { beginProblem } from "./begin-problem.ts";

export interface Transfer {
  job: Job | undefined;
  /** Whether the call that begins the job is under way. */
  isBeginning: boolean;
  /** Why the job did not begin, or is no longer seen. */
  problem: string | undefined;
  /** The error of the call that begins the job; null: it had none. */
  refusal: unknown;
  begin: () => void;
  cancel: () => void;
  /** Forgets the job, so that another one may begin. */
  reset: () => void;
}

/** Begins a job by a call with an id, which is the same until the job is forgotten: a call once more begins no second job. */
export type Begin = (requestId: string) => Promise<Job | undefined>;

export function useTransfer(call: Begin, onEnded?: () => void): Transfer {
  const [requestId, setRequestId] = useState(newId);
  const beginning = useMutation({ mutationFn: call, onError: renewRows });
  const begun = beginning.data;
  const { job, error, refetch } = useJob(begun?.id);
  const shown = begun === undefined ? undefined : (job ?? begun);
  const isEnded = shown !== undefined && !isUnderWay(shown);
  useEffect(() => {
    if (isEnded) onEnded?.();
  }, [isEnded, onEnded]);
  const cancelling = useCallMutation(JobService.method.cancelJob, {
    onSettled: () => void refetch(),
  });
  // A job that ends before its cancellation arrives is no problem.
  const failure = isEnded ? null : cancelling.error;
  const problem = failure === null ? gone(error) : jobProblem(failure);
  return {
    job: shown,
    isBeginning: beginning.isPending,
    problem: beginning.error === null ? problem : beginProblem(beginning.error),
    refusal: beginning.error,
    begin: () => beginning.mutate(requestId),
    cancel: () => {
      if (begun !== undefined) cancelling.mutate({ jobId: begun.id });
    },
    reset: () => {
      setRequestId(newId());
      beginning.reset();
      cancelling.reset();
    },
  };
}

/** A job whose record is gone; another error is one of this moment. */
function gone(error: unknown): string | undefined {
  return error !== null && hasCode(error, Code.NotFound) ? jobProblem(error) : undefined;
}

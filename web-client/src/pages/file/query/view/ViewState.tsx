// What there is of the rows that were asked for: how many, how far they are made, or why there are none.

import { count, plural } from "../../../../base/text.ts";
import type { Job } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import { Button } from "../../../../ui/Button.tsx";
import { mayCancel, progressOf, stateText } from "../../../jobs/job-text.ts";
import { jobReason, queryProblem } from "./query-problem.ts";
import type { Viewed } from "./use-view.ts";
import type { ViewState as State } from "./view-state.ts";

interface ViewStateProps {
  viewed: Viewed;
  /** Rows of the table. */
  total: number;
  /** Whether there are rows of before on the screen. */
  hasFormer: boolean;
}

export function ViewState({ viewed, total, hasFormer }: ViewStateProps) {
  const { state, again } = viewed;
  const problem = problemOf(state);
  const rest = hasFormer ? " The rows below are those of before." : "";
  return (
    <div className="query-state">
      <p className="query-count" role="status" data-testid="query-count">
        {countText(state, total)}
      </p>
      {state.is === "making" ? <Making viewed={viewed} job={state.job} /> : null}
      {problem === undefined ? null : (
        <div className="query-problem" role="alert" data-testid="query-problem">
          <p>{problem + rest}</p>
          <Button data-testid="query-again" onClick={again}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

function countText(state: State, total: number): string {
  switch (state.is) {
    case "ready":
      return `${count(state.view.rows)} of ${plural(total, "row")}`;
    case "making":
      return state.job === undefined
        ? "Finding the rows…"
        : `Finding the rows: ${stateText(state.job)}`;
    default:
      return "";
  }
}

function problemOf(state: State): string | undefined {
  if (state.is === "cancelled") return "Finding these rows was cancelled.";
  if (state.is !== "failed") return undefined;
  return state.error === undefined ? jobReason(state.reason ?? "") : queryProblem(state.error);
}

function Making({ viewed, job }: { viewed: Viewed; job: Job | undefined }) {
  const { cancel, isCancelling } = viewed;
  return (
    <>
      <progress
        className="progress"
        aria-label="Progress"
        value={job === undefined ? undefined : progressOf(job)}
      />
      {job !== undefined && mayCancel(job) ? (
        <Button
          icon="x"
          data-testid="query-cancel"
          disabled={isCancelling}
          onClick={() => cancel(job.id)}
        >
          Cancel
        </Button>
      ) : null}
    </>
  );
}

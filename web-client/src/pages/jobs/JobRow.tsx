// A row of the list of jobs: its title, its state, how much is done, why it failed, its steps, and what can be done with it.
import { ListTodo, RotateCcw } from "lucide-react";
import { plural } from "../../base/text.ts";
import { type Job, JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { failureOf, mayCancel, mayRetry, progressOf, stateText, whenText } from "./job-text.ts";
import { kindText } from "./kinds.ts";
import { JobPlan } from "./plan/JobPlan.tsx";
import { Targets } from "./Targets.tsx";

export const JOB_ICON = ListTodo;

interface JobRowProps {
  job: Job;
  /** Facts in place of the links, for a job of another account. */
  about?: string;
  isBusy: boolean;
  onCancel: () => void;
  onRetry: () => void;
}

export function JobRow({ job, about, isBusy, onCancel, onRetry }: JobRowProps) {
  const { title, state, notes } = job;
  const kind = kindText(job.kind);
  const failure = failureOf(job);
  return (
    <li className="sheet-row" data-testid="job-row" data-state={JobState[state]}>
      <span className="sheet-tile">
        <Icon name={JOB_ICON} />
      </span>
      <div className="sheet-names">
        <span className="job-title" title={title}>
          {title}
        </span>
        <span className="job-facts">
          <span data-testid="job-state">{stateText(job)}</span>
          {kind === undefined ? null : ` · ${kind}`}
          {" · "}
          {whenText(job, Date.now())}
          {about === undefined ? <Targets job={job} /> : ` · ${about}`}
        </span>
        {state === JobState.RUNNING ? <Progress job={job} /> : null}
        {failure === undefined ? null : (
          <p className="job-failure" data-testid="job-failure">
            {failure}
          </p>
        )}
        {notes.length === 0 ? null : <Notes notes={notes} />}
        <JobPlan job={job} />
      </div>
      {mayCancel(job) ? (
        <Button
          icon="x"
          aria-label={`Cancel ${title}`}
          data-testid="job-cancel"
          disabled={isBusy}
          onClick={onCancel}
        >
          Cancel
        </Button>
      ) : null}
      {mayRetry(job) ? (
        <Button
          icon={RotateCcw}
          aria-label={`Try again: ${title}`}
          data-testid="job-retry"
          disabled={isBusy}
          onClick={onRetry}
        >
          Try again
        </Button>
      ) : null}
    </li>
  );
}

/** What the job has changed or left out on the way. */
function Notes({ notes }: { notes: readonly string[] }) {
  return (
    <details className="job-notes" data-testid="job-notes">
      <summary>{plural(notes.length, "note")}</summary>
      <ul>
        {notes.map((note, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the notes of a job never change.
          <li key={at}>{note}</li>
        ))}
      </ul>
    </details>
  );
}

/** Without a value, the bar shows that the end is not known. */
function Progress({ job }: { job: Job }) {
  return (
    <progress className="progress" aria-label={`Progress: ${job.title}`} value={progressOf(job)} />
  );
}

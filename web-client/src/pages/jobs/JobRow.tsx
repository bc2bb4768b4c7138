// A row of the list of jobs: its title, its state, how much is done, why it failed, and what can be done with it.
import { ListTodo, RotateCcw } from "lucide-react";
import { filePath } from "../../base/file-path.ts";
import { sheetPath } from "../../base/router.ts";
import { plural } from "../../base/text.ts";
import { type Job, JobState } from "../../gen/gridloom/v1/jobs_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { failureOf, mayCancel, mayRetry, progressOf, stateText, whenText } from "./job-text.ts";

export const JOB_ICON = ListTodo;

interface JobRowProps {
  job: Job;
  isBusy: boolean;
  onCancel: () => void;
  onRetry: () => void;
}

export function JobRow({ job, isBusy, onCancel, onRetry }: JobRowProps) {
  const { title, state, fileId, sheetId, madeFileId, notes } = job;
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
          {" · "}
          {whenText(job, Date.now())}
          <Target to={fileId && filePath(fileId)} testId="job-file" label="Open the file" />
          <Target to={sheetId && sheetPath(sheetId)} testId="job-sheet" label="Open the sheet" />
          <Target
            to={madeFileId && filePath(madeFileId)}
            testId="job-made-file"
            label="Open the new file"
          />
        </span>
        {state === JobState.RUNNING ? <Progress job={job} /> : null}
        {failure === undefined ? null : (
          <p className="job-failure" data-testid="job-failure">
            {failure}
          </p>
        )}
        {notes.length === 0 ? null : <Notes notes={notes} />}
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

interface TargetProps {
  /** Empty: there is none. */
  to: string;
  testId: string;
  label: string;
}

/** A link to what the job is about, or has made. */
function Target({ to, testId, label }: TargetProps) {
  if (to === "") return null;
  return (
    <>
      {" · "}
      <Link className="link" to={to} data-testid={testId}>
        {label}
      </Link>
    </>
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

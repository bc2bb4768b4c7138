// How far a transfer is, why it failed, and what its job has noted.
import { type Job, JobState } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { serverSentence } from "../../files/tables/server-sentence.ts";
import { failureOf, isUnderWay, progressOf, stateText } from "../../jobs/job-text.ts";

interface TransferStateProps {
  job: Job | undefined;
  problem: string | undefined;
  /** What stands here once the job is done. */
  done: string;
}

export function TransferState({ job, problem, done }: TransferStateProps) {
  const isDone = job?.state === JobState.DONE;
  return (
    <div className="stack" data-testid="transfer-state">
      {job === undefined || isDone ? null : <UnderWay job={job} />}
      {isDone ? (
        <p role="status" data-testid="transfer-done">
          {done}
        </p>
      ) : null}
      {job === undefined ? null : <Notes notes={job.notes} />}
      <p className="form-error" role="alert" data-testid="transfer-problem">
        {problem ?? ""}
      </p>
    </div>
  );
}

function UnderWay({ job }: { job: Job }) {
  const failure = failureOf(job);
  return (
    <>
      <p className="progress-facts">
        <span role="status">{stateText(job)}</span>
      </p>
      {isUnderWay(job) ? (
        <>
          <progress className="progress" aria-label="Progress" value={progressOf(job)} />
          <p className="note">
            You can close this: the job continues at the server, and the page Jobs shows it.
          </p>
        </>
      ) : null}
      {failure === undefined ? null : (
        <p className="form-error" role="alert" data-testid="transfer-failure">
          {serverSentence(failure)}
        </p>
      )}
    </>
  );
}

function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className="transfer-notes" data-testid="transfer-notes">
      {notes.map((note, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the notes of a job never change.
        <li key={at}>{note}</li>
      ))}
    </ul>
  );
}

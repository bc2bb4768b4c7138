// The buttons below a dialog that makes a file: to begin, to cancel the job, and to take the file once it is there.
import { filePath } from "../../../base/file-path.ts";
import { navigate } from "../../../base/router.ts";
import { type Job, JobState } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { download } from "../../files/transfers/download.ts";
import { mayCancel } from "../../jobs/job-text.ts";
import type { Transfer } from "./use-transfer.ts";

interface SavedActionsProps {
  transfer: Transfer;
  /** The name of the file. */
  name: string;
  /** What the button says that begins. */
  verb: string;
  onClose: () => void;
}

export function SavedActions({ transfer, name, verb, onClose }: SavedActionsProps) {
  const { job, isBeginning, cancel, reset } = transfer;
  return (
    <div className="dialog-actions">
      <Button onClick={onClose}>{job === undefined ? "Cancel" : "Close"}</Button>
      {job === undefined ? (
        <Button look="primary" type="submit" disabled={isBeginning} data-testid="save-begin">
          {isBeginning ? "Beginning…" : verb}
        </Button>
      ) : (
        <Next {...{ job, name, cancel, reset, onClose }} />
      )}
    </div>
  );
}

interface NextProps {
  job: Job;
  name: string;
  cancel: () => void;
  reset: () => void;
  onClose: () => void;
}

/** What a person can do with the job: cancel it, begin another one, or take the file. */
function Next({ job, name, cancel, reset, onClose }: NextProps) {
  const { state, madeFileId } = job;
  if (mayCancel(job))
    return (
      <Button icon="x" data-testid="transfer-cancel-job" onClick={cancel}>
        Cancel the job
      </Button>
    );
  if (state === JobState.FAILED || state === JobState.CANCELLED)
    return (
      <Button data-testid="transfer-again" onClick={reset}>
        Choose again
      </Button>
    );
  if (state !== JobState.DONE || madeFileId === "") return null;
  const show = () => {
    onClose();
    navigate(filePath(madeFileId));
  };
  return (
    <>
      <Button data-testid="save-show" onClick={show}>
        Show the file
      </Button>
      <Button
        look="primary"
        icon="download"
        data-testid="save-download"
        onClick={() => void download({ id: madeFileId, name })}
      >
        Download
      </Button>
    </>
  );
}

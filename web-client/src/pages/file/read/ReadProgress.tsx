// How far a file is read, and the button that cancels it.
import type { Job } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { useCancel } from "../../files/tables/use-file-tables.ts";
import { mayCancel, progressOf, stateText } from "../../jobs/job-text.ts";

export function ReadProgress({ fileId, job }: { fileId: string; job: Job }) {
  const { cancel, isBusy } = useCancel(fileId);
  return (
    <section className="file-progress" aria-label="Reading this file" data-testid="file-progress">
      <p className="progress-facts">
        <span>Reading this file</span>
        <span role="status" data-testid="file-progress-state">
          {stateText(job)}
        </span>
      </p>
      <progress className="progress" aria-label="Progress" value={progressOf(job)} />
      <div className="file-progress-foot">
        <p>You can leave this page: the file is read on the server.</p>
        {mayCancel(job) ? (
          <Button
            icon="x"
            data-testid="file-cancel"
            disabled={isBusy}
            onClick={() => cancel(job.id)}
          >
            Cancel
          </Button>
        ) : null}
      </div>
    </section>
  );
}

// The dialog in which a person makes a sheet of the rows of a file, or fills one with them.
//
// Invariant: a job is begun once: the same choices that are sent again give the same job.
import { useCallback, useState } from "react";
import { transfers } from "../../../api/transfers.ts";
import { navigate, sheetPath } from "../../../base/router.ts";
import { type Job, JobState } from "../../../gen/gridloom/v1/jobs_pb.ts";
import type { TableColumn } from "../../../gen/gridloom/v1/tables_pb.ts";
import { ownPlace } from "../../../live/undo/place.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import { mayCancel } from "../../jobs/job-text.ts";
import { reloadLists } from "../../shared/sheet-lists.ts";
import { FillChoices } from "./FillChoices.tsx";
import { TransferState } from "./TransferState.tsx";
import { missing, type Rows, sheetName, sourceOf, type Target, targetOf } from "./target.ts";
import { type Transfer, useTransfer } from "./use-transfer.ts";
import "../../../styles/transfer.css";

export interface FillProps {
  rows: Rows;
  /** The name of the table. */
  name: string;
  columns: readonly TableColumn[];
  /** Which rows they are. */
  about: string;
  onClose: () => void;
}

const VERBS = { new: "Make the sheet", append: "Append the rows", merge: "Merge the rows" };

export default function FillDialog({ rows, name, columns, about, onClose }: FillProps) {
  const [target, setTarget] = useState<Target>({
    way: "new",
    name: sheetName(name),
    sheetId: undefined,
    key: undefined,
  });
  const [isTried, setTried] = useState(false);
  const call = useCallback(
    async (requestId: string) => {
      // An undo in this tab takes the rows back.
      const place = await ownPlace();
      const request = { source: sourceOf(rows), target: targetOf(target), requestId, place };
      return (await transfers.fillSheet(request)).job;
    },
    [rows, target],
  );
  const transfer = useTransfer(call, reloadLists);
  const { job, isBeginning } = transfer;
  const lack = missing(target);
  const submit = () => {
    setTried(true);
    if (lack === undefined) transfer.begin();
  };
  return (
    <Dialog title="Rows into a sheet" onClose={onClose} testId="fill">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p className="note" data-testid="transfer-about">
          {about}
        </p>
        {job === undefined ? (
          <FillChoices
            {...{ target, columns }}
            disabled={isBeginning}
            problem={isTried ? lack : undefined}
            onChange={(next) => {
              // Other choices are another job.
              transfer.reset();
              setTarget(next);
            }}
          />
        ) : null}
        <TransferState job={job} problem={transfer.problem} done="The rows are in the sheet." />
        <Actions {...{ transfer, onClose }} verb={VERBS[target.way]} />
      </form>
    </Dialog>
  );
}

interface ActionsProps {
  transfer: Transfer;
  verb: string;
  onClose: () => void;
}

function Actions({ transfer, verb, onClose }: ActionsProps) {
  const { job, isBeginning, cancel, reset } = transfer;
  return (
    <div className="dialog-actions">
      <Button onClick={onClose}>{job === undefined ? "Cancel" : "Close"}</Button>
      {job === undefined ? (
        <Button look="primary" type="submit" disabled={isBeginning} data-testid="fill-begin">
          {isBeginning ? "Beginning…" : verb}
        </Button>
      ) : (
        <Next {...{ job, cancel, reset, onClose }} />
      )}
    </div>
  );
}

interface NextProps {
  job: Job;
  cancel: () => void;
  reset: () => void;
  onClose: () => void;
}

/** What a person can do with the job: cancel it, begin another one, or open the sheet. */
function Next({ job, cancel, reset, onClose }: NextProps) {
  if (mayCancel(job))
    return (
      <Button icon="x" data-testid="transfer-cancel-job" onClick={cancel}>
        Cancel the job
      </Button>
    );
  if (job.state === JobState.DONE && job.sheetId !== "")
    return (
      <Button
        look="primary"
        data-testid="fill-open"
        onClick={() => {
          onClose();
          navigate(sheetPath(job.sheetId));
        }}
      >
        Open the sheet
      </Button>
    );
  if (job.state === JobState.FAILED || job.state === JobState.CANCELLED)
    return (
      <Button data-testid="transfer-again" onClick={reset}>
        Choose again
      </Button>
    );
  return null;
}

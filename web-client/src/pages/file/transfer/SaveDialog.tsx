// The dialog in which a person saves the rows of a file, or a sheet, as a new file.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { useCallback, useState } from "react";
import { filePath } from "../../../base/file-path.ts";
import { navigate } from "../../../base/router.ts";
import { type Job, JobState } from "../../../gen/gridloom/v1/jobs_pb.ts";
import type { SavedFormSchema } from "../../../gen/gridloom/v1/transfers_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import { Select } from "../../../ui/Select.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { reloadFilesSoon } from "../../files/file-lists.ts";
import { checkFileName } from "../../files/file-name.ts";
import { download } from "../../files/transfers/download.ts";
import { mayCancel } from "../../jobs/job-text.ts";
import { CHOICES, type Choice, savedAs, withEnding } from "./saved.ts";
import { TransferState } from "./TransferState.tsx";
import { type Transfer, useTransfer } from "./use-transfer.ts";
import "../../../styles/transfer.css";

/** Begins the job that saves. */
export type Save = (
  saved: MessageInitShape<typeof SavedFormSchema>,
  requestId: string,
) => Promise<Job | undefined>;

export interface SaveProps {
  /** The name of what is saved. */
  name: string;
  /** Which rows are saved; undefined: all of the sheet. */
  about?: string;
  save: Save;
  onClose: () => void;
}

export default function SaveDialog({ name, about, save, onClose }: SaveProps) {
  const [choice, setChoice] = useState<Choice>("xlsx");
  const [file, setFile] = useState(() => withEnding(name, "xlsx"));
  const call = useCallback(
    (requestId: string) => {
      const { format, form } = savedAs(choice);
      return save({ format, form, name: file.trim() }, requestId);
    },
    [save, choice, file],
  );
  const transfer = useTransfer(call, reloadFilesSoon);
  const { job, isBeginning } = transfer;
  const problem = checkFileName(file);
  const choose = (next: Choice) => {
    transfer.reset();
    setChoice(next);
    setFile(withEnding(file, next));
  };
  const rename = (next: string) => {
    transfer.reset();
    setFile(next);
  };
  return (
    <Dialog title="Save as a file" onClose={onClose} testId="save">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === undefined) transfer.begin();
        }}
      >
        {about === undefined ? null : (
          <p className="note" data-testid="transfer-about">
            {about}
          </p>
        )}
        {job === undefined ? (
          <>
            <Select
              label="Format"
              options={CHOICES}
              value={choice}
              disabled={isBeginning}
              testId="save-format"
              onChange={choose}
            />
            <TextField
              label="Name of the file"
              value={file}
              disabled={isBeginning}
              error={problem}
              hint="It is kept with your files, and counts for their size."
              testId="save-name"
              first
              onChange={rename}
            />
          </>
        ) : null}
        <TransferState job={job} problem={transfer.problem} done={`“${file.trim()}” is saved.`} />
        <Actions {...{ transfer, onClose }} name={file.trim()} />
      </form>
    </Dialog>
  );
}

interface ActionsProps {
  transfer: Transfer;
  name: string;
  onClose: () => void;
}

function Actions({ transfer, name, onClose }: ActionsProps) {
  const { job, isBeginning, cancel, reset } = transfer;
  return (
    <div className="dialog-actions">
      <Button onClick={onClose}>{job === undefined ? "Cancel" : "Close"}</Button>
      {job === undefined ? (
        <Button look="primary" type="submit" disabled={isBeginning} data-testid="save-begin">
          {isBeginning ? "Beginning…" : "Save"}
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

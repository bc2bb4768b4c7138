// The dialog in which a person saves the rows of a file, or a sheet, as a new file.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { useCallback, useState } from "react";
import type { Job } from "../../../gen/gridloom/v1/jobs_pb.ts";
import type { SavedFormSchema } from "../../../gen/gridloom/v1/transfers_pb.ts";
import { Dialog } from "../../../ui/Dialog.tsx";
import { reloadFilesSoon } from "../../files/file-lists.ts";
import { checkFileName } from "../../files/file-name.ts";
import { SavedActions } from "./SavedActions.tsx";
import { SavedFields } from "./SavedFields.tsx";
import { type SavedAs, savedForm, withEnding } from "./saved.ts";
import { TransferState } from "./TransferState.tsx";
import { useTransfer } from "./use-transfer.ts";
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
  const [saved, setSaved] = useState<SavedAs>(() => ({
    choice: "xlsx",
    file: withEnding(name, "xlsx"),
  }));
  const call = useCallback((requestId: string) => save(savedForm(saved), requestId), [save, saved]);
  const transfer = useTransfer(call, reloadFilesSoon);
  const { job, isBeginning } = transfer;
  const file = saved.file.trim();
  return (
    <Dialog title="Save as a file" onClose={onClose} testId="save">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (checkFileName(saved.file) === undefined) transfer.begin();
        }}
      >
        {about === undefined ? null : (
          <p className="note" data-testid="transfer-about">
            {about}
          </p>
        )}
        {job === undefined ? (
          <SavedFields
            saved={saved}
            disabled={isBeginning}
            first
            onChange={(next) => {
              // Another name or format is another job.
              transfer.reset();
              setSaved(next);
            }}
          />
        ) : null}
        <TransferState job={job} problem={transfer.problem} done={`“${file}” is saved.`} />
        <SavedActions {...{ transfer, onClose }} name={file} verb="Save" />
      </form>
    </Dialog>
  );
}

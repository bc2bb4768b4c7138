// The dialog of an import: it shows the file as the server reads it, takes the choices, shows the progress, and can cancel.
import { useState } from "react";
import type { ImportProgress } from "../../api/transfer.ts";
import { nameFromFile, plural } from "../../base/text.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { checkSheetName } from "../shared/sheet-name.ts";
import { FilePreview } from "./FilePreview.tsx";
import { asShown, type How, NOTHING_CHOSEN } from "./how.ts";
import type { Remedy } from "./import-problem.ts";
import { Reading } from "./Reading.tsx";
import { type ImportState, useImport } from "./use-import.ts";
import { type Preview, usePreview } from "./use-preview.ts";

interface ImportDialogProps {
  file: File;
  onDone: (sheet: Sheet) => void;
  onClose: () => void;
}

export default function ImportDialog({ file, onDone, onClose }: ImportDialogProps) {
  const [how, setHow] = useState(NOTHING_CHOSEN);
  const preview = usePreview(file, how);
  const { state, start, reset } = useImport(file, onDone);
  const [name, setName] = useState(nameFromFile(file.name));
  const [nameError, setNameError] = useState<string>();
  const begin = (how: How) => {
    const wrong = checkSheetName(name);
    setNameError(wrong);
    if (wrong === undefined) start({ name: name.trim(), how: asShown(how, preview) });
  };
  /** Another choice leaves the problem of the last one behind. */
  const choose = (next: How) => {
    reset();
    setHow(next);
  };
  const running = state.what === "running";
  const { shown, decimal, isRefused } = preview;

  return (
    <Dialog title={`Import ${file.name}`} onClose={onClose} testId="import-dialog" wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          begin(how);
        }}
      >
        {shown === undefined ? null : (
          <FilePreview {...{ shown, decimal, how }} disabled={running} onChange={choose} />
        )}
        {isRefused ? null : (
          <Reading shown={shown} how={how} disabled={running} onChange={choose} />
        )}
        {!isRefused && !running ? (
          <TextField
            label="Sheet name"
            value={name}
            onChange={setName}
            error={nameError}
            testId="import-name"
          />
        ) : null}
        {running ? <Running state={state} file={file} /> : null}
        <p className="form-error" role="alert" data-testid="import-error">
          {problemOf(preview, state)?.text ?? ""}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose} data-testid="import-cancel">
            {isRefused ? "Close" : "Cancel"}
          </Button>
          {isRefused || running ? null : (
            <Start
              {...{ preview, state }}
              onRemedy={(remedy) => {
                const next = remedy.apply(how);
                choose(next);
                // What only the import has found, the preview can't show.
                if (state.what === "failed" && !remedy.isShown) begin(next);
              }}
            />
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** The problem that the last attempt has found, or else the preview. */
function problemOf(preview: Preview, state: ImportState) {
  return state.what === "failed" ? state.problem : preview.problem;
}

interface StartProps {
  preview: Preview;
  state: ImportState;
  onRemedy: (remedy: Remedy) => void;
}

/** The button that starts the import; after a refusal, the one that solves the problem. */
function Start({ preview, state, onRemedy }: StartProps) {
  const remedy = problemOf(preview, state)?.remedy;
  const failed = state.what === "failed";
  if (remedy !== undefined)
    return (
      <Button look="primary" data-testid="import-repair" onClick={() => onRemedy(remedy)}>
        {failed && !remedy.isShown ? `${remedy.label} and import` : remedy.label}
      </Button>
    );
  return (
    <Button
      look="primary"
      type="submit"
      data-testid="import-start"
      disabled={preview.shown === undefined || preview.isFormer}
    >
      {failed ? "Try again" : "Import"}
    </Button>
  );
}

function Running({ state, file }: { state: ImportState & { what: "running" }; file: File }) {
  const { progress } = state;
  const sent = progress?.sentBytes ?? 0;
  const percent = file.size === 0 ? 0 : Math.floor((sent / file.size) * 100);
  return (
    <div className="stack">
      <progress
        className="progress"
        aria-label="Import progress"
        value={sent}
        max={Math.max(1, file.size)}
      />
      <p className="progress-facts">
        <span>{progressText(progress)}</span>
        <span>{`${percent} %`}</span>
      </p>
    </div>
  );
}

function progressText(progress: ImportProgress | undefined): string {
  if (progress === undefined) return "Starting…";
  if (progress.isWaiting) return "Waiting for other imports to end…";
  return plural(progress.rows, "row");
}

// The dialog of an import: it asks how to read the file, shows the progress, and can cancel.
import { useEffect, useState } from "react";
import type { ImportProgress } from "../../api/transfer.ts";
import { count, nameFromFile } from "../../base/text.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { checkSheetName } from "../shared/sheet-name.ts";
import { FilePreview } from "./FilePreview.tsx";
import type { Remedy } from "./import-problem.ts";
import { type Preview, previewFile } from "./preview.ts";
import { type Header, type ImportState, useImport } from "./use-import.ts";

interface ImportDialogProps {
  file: File;
  onDone: (sheet: Sheet) => void;
  onClose: () => void;
}

/** The preview of a file; undefined until its beginning is read. */
function usePreview(file: File): Preview | undefined {
  const [found, setFound] = useState<Preview>();
  useEffect(() => {
    let gone = false;
    const unreadable = "This file can't be read. Was it moved or deleted?";
    previewFile(file).then(
      (preview) => !gone && setFound(preview),
      () => !gone && setFound({ rows: [], header: true, problem: unreadable }),
    );
    return () => {
      gone = true;
    };
  }, [file]);
  return found;
}

export default function ImportDialog({ file, onDone, onClose }: ImportDialogProps) {
  const preview = usePreview(file);
  const { state, start } = useImport(file, onDone);
  const [name, setName] = useState(nameFromFile(file.name));
  const [header, setHeader] = useState<Header>("guess");
  const [nameError, setNameError] = useState<string>();
  const begin = (how: { header: Header; repair: boolean }) => {
    const wrong = checkSheetName(name);
    setNameError(wrong);
    if (wrong === undefined) start({ name: name.trim(), ...how });
  };
  const chosen = header === "guess" ? (preview?.header ?? true) : header === "yes";
  const choose = (yes: boolean) => setHeader(yes ? "yes" : "no");
  const running = state.what === "running";
  const refused = preview?.problem !== undefined;

  return (
    <Dialog title={`Import ${file.name}`} onClose={onClose} testId="import-dialog" wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          // The import does what the preview shows, also when the person has chosen nothing.
          begin({ header: chosen ? header : "no", repair: false });
        }}
      >
        <FilePreview preview={preview} header={chosen} disabled={running} onHeader={choose} />
        {!refused && !running ? (
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
          {problemText(preview, state)}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose} data-testid="import-cancel">
            {refused ? "Close" : "Cancel"}
          </Button>
          {preview === undefined || refused || running ? null : (
            <Choices state={state} header={chosen ? header : "no"} onBegin={begin} />
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** The message on a problem with the file; empty while none is known. */
function problemText(preview: Preview | undefined, state: ImportState): string {
  return preview?.problem ?? (state.what === "failed" ? state.problem.text : "");
}

interface ChoicesProps {
  state: ImportState;
  header: Header;
  onBegin: (how: { header: Header; repair: boolean }) => void;
}

/** The buttons that start the import; after a refusal, those that solve the problem. */
function Choices({ state, header, onBegin }: ChoicesProps) {
  const failed = state.what === "failed";
  const remedy: Remedy = failed ? state.problem.remedy : undefined;
  if (remedy === "header")
    return (
      <>
        <Button
          data-testid="import-header-yes"
          onClick={() => onBegin({ header: "yes", repair: false })}
        >
          Yes, it is a header
        </Button>
        <Button
          look="primary"
          data-testid="import-header-no"
          onClick={() => onBegin({ header: "no", repair: false })}
        >
          No, name the columns A, B, C
        </Button>
      </>
    );
  if (remedy !== undefined)
    return (
      <Button
        look="primary"
        data-testid="import-repair"
        onClick={() => onBegin({ header, repair: true })}
      >
        {remedy === "encoding" ? "Import as Windows-1252" : "Fill with empty cells and import"}
      </Button>
    );
  return (
    <Button look="primary" type="submit" data-testid="import-start">
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
  return `${count(progress.rows)} rows`;
}

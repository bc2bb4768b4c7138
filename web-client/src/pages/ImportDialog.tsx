// Watches one file become a sheet, and can stop it. A file that the server refuses may be tried again
// with repairs.
import { useEffect, useRef, useState } from "react";
import { errorText, isNetworkError, isTransient } from "../api/errors.ts";
import { type ImportProgress, importCsv } from "../api/transfer.ts";
import { count, nameFromFile } from "../app/text.ts";
import type { Sheet } from "../gen/gridloom/v1/sheets_pb.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";

interface ImportDialogProps {
  file: File;
  onDone: (sheet: Sheet) => void;
  onClose: () => void;
}

export function ImportDialog({ file, onDone, onClose }: ImportDialogProps) {
  const [repair, setRepair] = useState(false);
  const [progress, setProgress] = useState<ImportProgress>();
  const [problem, setProblem] = useState<{ text: string; repairable: boolean }>();
  const done = useRef(onDone);
  done.current = onDone;

  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const work = async () => {
      // A turn later: a dialog that closes at once, as React's checks do, starts no import.
      await Promise.resolve();
      if (signal.aborted) return;
      const name = nameFromFile(file.name);
      const options = { name, repair, signal, onProgress: setProgress, retryable: isTransient };
      done.current(await importCsv(file, options));
    };
    work().catch((error: unknown) => {
      if (signal.aborted) return;
      const repairable = !repair && !isNetworkError(error) && !isTransient(error);
      setProblem({ text: errorText(error), repairable });
    });
    return () => abort.abort();
  }, [file, repair]);

  const again = () => {
    setProblem(undefined);
    setProgress(undefined);
    setRepair(true);
  };

  return (
    <Dialog title={`Importing ${file.name}`} onClose={onClose} testId="import-dialog">
      <div className="stack">
        <progress
          className="progress"
          aria-label="Import progress"
          value={progress?.sentBytes ?? 0}
          max={Math.max(1, file.size)}
        />
        <p className="progress-facts">
          <span>{progress === undefined ? "Starting…" : `${count(progress.rows)} rows`}</span>
          <span>{percent(progress)}</span>
        </p>
        <p className="form-error" role="alert" data-testid="import-error">
          {problem?.text}
        </p>
        <div className="dialog-actions">
          {problem?.repairable ? <Button onClick={again}>Repair and import</Button> : null}
          <Button onClick={onClose} data-testid="import-cancel">
            {problem === undefined ? "Cancel" : "Close"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function percent(progress: ImportProgress | undefined): string {
  if (progress === undefined || progress.totalBytes === 0) return "";
  return `${Math.floor((progress.sentBytes / progress.totalBytes) * 100)} %`;
}

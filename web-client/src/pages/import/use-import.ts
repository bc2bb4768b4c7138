// Runs the import of a file: the person starts, cancels and repeats it.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { isTransient } from "../../api/errors.ts";
import { type Imported, type ImportProgress, importCsv } from "../../api/transfer.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { showToast } from "../../ui/toasts.ts";
import { type How, NOTHING_CHOSEN, readingOf } from "./how.ts";
import { importNotice } from "./import-notice.ts";
import { type ImportProblem, importProblem } from "./import-problem.ts";

export type ImportState =
  | { what: "asking" }
  | { what: "running"; progress: ImportProgress | undefined }
  | { what: "failed"; problem: ImportProblem };

export interface ImportChoice {
  name: string;
  how: How;
}

/** Says what the import has repaired, and which guesses may be wrong. The notice stays: the sheet opens meanwhile. */
function report(imported: Imported): void {
  const text = importNotice(imported);
  if (text !== undefined) showToast("info", text, undefined, { stays: true });
}

/** The import of a file. Unmounting the component cancels it, and no sheet is made. */
export function useImport(
  file: File,
  onDone: (sheet: Sheet) => void,
): { state: ImportState; start: (choice: ImportChoice) => void; reset: () => void } {
  const [progress, setProgress] = useState<ImportProgress>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const { mutate, reset, status, variables, error } = useMutation({
    mutationFn: ({ signal, name, how }: ImportChoice & { signal: AbortSignal }) =>
      importCsv(file, {
        name,
        reading: readingOf(how),
        signal,
        onProgress: setProgress,
        retryable: isTransient,
      }),
    onSuccess: (imported, { signal }) => {
      if (signal.aborted) return;
      report(imported);
      onDone(imported.sheet);
    },
  });
  const start = useCallback(
    (choice: ImportChoice) => {
      abort.current?.abort();
      abort.current = new AbortController();
      setProgress(undefined);
      mutate({ ...choice, signal: abort.current.signal });
    },
    [mutate],
  );
  const how = variables?.how ?? NOTHING_CHOSEN;
  return { state: stateOf(status, progress, error, how), start, reset };
}

function stateOf(
  status: "idle" | "pending" | "error" | "success",
  progress: ImportProgress | undefined,
  error: unknown,
  how: How,
): ImportState {
  if (status === "idle") return { what: "asking" };
  if (status === "error") return { what: "failed", problem: importProblem(error, how) };
  // After a success the page of the sheet is on its way.
  return { what: "running", progress };
}

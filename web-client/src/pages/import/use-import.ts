// Runs the import of a file: the person starts, cancels and repeats it.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { isTransient } from "../../api/errors.ts";
import { type ImportProgress, importCsv } from "../../api/transfer.ts";
import type { Sheet } from "../../gen/gridloom/v1/sheets_pb.ts";
import { type ImportProblem, importProblem } from "./import-problem.ts";

/** Whether the first line is a header. guess: the server decides, and refuses a doubtful file. */
export type Header = "guess" | "yes" | "no";

export type ImportState =
  | { what: "asking" }
  | { what: "running"; progress: ImportProgress | undefined }
  | { what: "failed"; problem: ImportProblem };

export interface ImportChoice {
  name: string;
  header: Header;
  repair: boolean;
}

/** The import of a file. Unmounting the component cancels it, and no sheet is made. */
export function useImport(
  file: File,
  onDone: (sheet: Sheet) => void,
): { state: ImportState; start: (choice: ImportChoice) => void } {
  const [progress, setProgress] = useState<ImportProgress>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const { mutate, status, variables, error } = useMutation({
    mutationFn: ({ signal, ...choice }: ImportChoice & { signal: AbortSignal }) => {
      const options = { ...choice, signal, onProgress: setProgress, retryable: isTransient };
      return importCsv(file, options);
    },
    onSuccess: (sheet, { signal }) => {
      if (!signal.aborted) onDone(sheet);
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
  return { state: stateOf(status, progress, error, variables?.repair ?? false), start };
}

function stateOf(
  status: "idle" | "pending" | "error" | "success",
  progress: ImportProgress | undefined,
  error: unknown,
  repair: boolean,
): ImportState {
  if (status === "idle") return { what: "asking" };
  if (status === "error") return { what: "failed", problem: importProblem(error, repair) };
  // After a success the page of the sheet is on its way.
  return { what: "running", progress };
}

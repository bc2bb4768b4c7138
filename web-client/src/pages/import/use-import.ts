// Runs the import of a file: the person starts, cancels and repeats it.
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
  const [state, setState] = useState<ImportState>({ what: "asking" });
  const abort = useRef<AbortController>(undefined);
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => () => abort.current?.abort(), []);

  const start = useCallback(
    ({ name, header, repair }: ImportChoice) => {
      abort.current?.abort();
      const controller = new AbortController();
      const { signal } = controller;
      abort.current = controller;
      setState({ what: "running", progress: undefined });
      const onProgress = (progress: ImportProgress) => setState({ what: "running", progress });
      const options = { name, header, repair, signal, onProgress, retryable: isTransient };
      importCsv(file, options).then(
        (sheet) => {
          if (!signal.aborted) done.current(sheet);
        },
        (error: unknown) => {
          if (!signal.aborted) setState({ what: "failed", problem: importProblem(error, repair) });
        },
      );
    },
    [file],
  );
  return { state, start };
}

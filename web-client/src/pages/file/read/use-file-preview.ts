// The preview of a file: its begin as the server reads it with the choices of the person.
//
// Invariant: what it shows, ReadFile does.
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useRef } from "react";
import { isTransient } from "../../../api/errors.ts";
import {
  FileFormat,
  type PreviewFileResponse,
  TableService,
} from "../../../gen/gridloom/v1/tables_pb.ts";
import type { ImportProblem } from "../../import/import-problem.ts";
import { isOfCsv, isTooSlow, readProblem } from "./read-problem.ts";
import { type Choices, hasCsvChoice, howOf, previewReading } from "./reading.ts";

const { previewFile } = TableService.method;
const RETRIES = 2;

export interface LoadedPreview {
  /** Undefined until the file is read, or while it can't be. */
  shown: PreviewFileResponse | undefined;
  /** Whether it is of the choices before the present ones, which are not read yet. */
  isFormer: boolean;
  problem: ImportProblem | undefined;
  /** The choices of CSV are offered, though there is nothing to show. */
  isBlindCsv: boolean;
  /** The file can be read, but not shown before. */
  isTooSlow: boolean;
  reload: () => void;
}

export function useFilePreview(fileId: string, choices: Choices): LoadedPreview {
  // Known from the first answer on: a file keeps its format.
  const format = useRef(FileFormat.UNSPECIFIED);
  const { data, error, isPlaceholderData, refetch } = useQuery(
    previewFile,
    { fileId, reading: previewReading(choices, format.current) },
    {
      placeholderData: keepPreviousData,
      retry: (failures: number, error: unknown) =>
        failures < RETRIES && isTransient(error) && !isTooSlow(error),
    },
  );
  if (data !== undefined) format.current = data.format;
  const problem = error === null ? undefined : readProblem(error, howOf(choices));
  const shown = problem === undefined ? data : undefined;
  return {
    shown,
    // A choice stays on the screen while it is tried, and after it was refused.
    isBlindCsv:
      shown === undefined && (hasCsvChoice(howOf(choices)) || (error !== null && isOfCsv(error))),
    isFormer: isPlaceholderData,
    problem,
    isTooSlow: error !== null && isTooSlow(error),
    reload: () => void refetch(),
  };
}

// The preview of a file: its begin as the server reads it with the choices of the person.
//
// What it is not: a reader of its own. Invariant: what it shows, the import does.
import { create } from "@bufbuild/protobuf";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { previewImport } from "../../api/transfer.ts";
import {
  type PreviewImportResponse,
  StartImportRequestSchema,
} from "../../gen/gridloom/v1/sheets_pb.ts";
import { useDecimalMark } from "../shared/use-decimal-mark.ts";
import { fileProblem } from "./file-problem.ts";
import { type How, readingOf } from "./how.ts";
import { type ImportProblem, importProblem } from "./import-problem.ts";

/** Bytes of the file that are read. */
const BYTES_READ = 128 * 1024;
const UNREADABLE = "This file can't be read. Was it moved or deleted?";

/** The begin of a file; undefined while it is read. */
interface Begin {
  bytes: Uint8Array<ArrayBuffer>;
  problem: string | undefined;
}

export interface Preview {
  shown: PreviewImportResponse | undefined;
  /** Whether it is of the choices before the present ones, which are not read yet. */
  isFormer: boolean;
  /** The decimal mark of the reader. */
  decimal: string;
  /** Why the file can't be read so. */
  problem: ImportProblem | undefined;
  /** Whether no choice can import the file. */
  isRefused: boolean;
}

let files = 0;
/** A name of each file for the cache of queries: two files may have the same name. */
const names = new WeakMap<File, number>();

function nameOf(file: File): number {
  const known = names.get(file) ?? ++files;
  names.set(file, known);
  return known;
}

async function beginOf(file: File): Promise<Begin> {
  const bytes = new Uint8Array(await file.slice(0, BYTES_READ).arrayBuffer());
  return { bytes, problem: fileProblem(bytes) };
}

export function usePreview(file: File, how: How): Preview {
  const key = ["import", nameOf(file)];
  const begin = useQuery({ queryKey: key, queryFn: () => beginOf(file), retry: false });
  const decimal = useDecimalMark() ?? ".";
  const reading = create(StartImportRequestSchema, readingOf(how));
  const preview = useQuery({
    queryKey: [...key, reading],
    queryFn: ({ signal }) => {
      const data = begin.data?.bytes ?? new Uint8Array();
      return previewImport(data, file.size > data.length, reading, signal);
    },
    enabled: begin.data !== undefined && begin.data.problem === undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const plain = begin.isError ? UNREADABLE : begin.data?.problem;
  const rest = { shown: undefined, isFormer: false, decimal, problem: undefined, isRefused: false };
  if (plain !== undefined)
    return { ...rest, problem: { text: plain, remedy: undefined }, isRefused: true };
  if (preview.isError) return { ...rest, problem: importProblem(preview.error, how) };
  return { ...rest, shown: preview.data, isFormer: preview.isPlaceholderData };
}

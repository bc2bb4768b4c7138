// Why a file can't be read as a table, as a sentence, and the choice that may solve it.
import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "../../../api/reasons.ts";
import { fileProblem } from "../../files/problems/file-problem.ts";
import { serverSentence } from "../../files/tables/server-sentence.ts";
import type { How } from "../../import/how.ts";
import { type ImportProblem, importProblem } from "../../import/import-problem.ts";

/** The server's reasons that an import has, too. */
const OF_CSV = "CSV_";
const SLOW = "The begin of this file takes too long to read. It can be read without a preview.";

/** Whether the file is too large for a preview, and can be read all the same. */
export function isTooSlow(error: unknown): boolean {
  return reasonOf(error).name === "PREVIEW_TOO_SLOW";
}

/** Reasons that stay whatever is chosen for a CSV file. */
const NO_TEXT: ReadonlySet<string> = new Set(["CSV_EMPTY", "CSV_NOT_TEXT", "CSV_UTF32"]);

/** Whether a file that can't be read is CSV, so that another encoding or delimiter may help. */
export function isOfCsv(error: unknown): boolean {
  const { name } = reasonOf(error);
  return name.startsWith(OF_CSV) && !NO_TEXT.has(name);
}

/** `how`: the choices with which the file was read. */
export function readProblem(error: unknown, how: How): ImportProblem {
  if (isTooSlow(error)) return { text: SLOW, remedy: undefined };
  const { name, facts } = reasonOf(error);
  const known = name.startsWith(OF_CSV) ? importProblem(error, how) : undefined;
  if (known !== undefined && facts.has("line")) return known;
  const { code, rawMessage } = ConnectError.from(error);
  const isOfFile = code === Code.InvalidArgument;
  const text = isOfFile ? serverSentence(rawMessage) : fileProblem(error);
  return { text, remedy: known?.remedy };
}

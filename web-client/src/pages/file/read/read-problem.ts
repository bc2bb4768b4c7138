// Why a file can't be read as a table, as a sentence, and the choice that may solve it.
import { Code, ConnectError } from "@connectrpc/connect";
import { refusalText } from "../../../api/errors.ts";
import { reasonOf } from "../../../api/reasons.ts";
import { fileProblem } from "../../files/file-problem.ts";
import type { How } from "../../import/how.ts";
import { type ImportProblem, importProblem } from "../../import/import-problem.ts";

/** The server's reasons that an import has, too. */
const OF_CSV = "CSV_";

/** `how`: the choices with which the file was read. */
export function readProblem(error: unknown, how: How): ImportProblem {
  if (reasonOf(error).name.startsWith(OF_CSV)) return importProblem(error, how);
  const { code, rawMessage } = ConnectError.from(error);
  // It names the line, or the part of the file.
  const text = code === Code.InvalidArgument ? refusalText(rawMessage) : fileProblem(error);
  return { text, remedy: undefined };
}

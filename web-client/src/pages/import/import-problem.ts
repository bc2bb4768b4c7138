// Describes the problem of a failed import, and the choice that may solve it.
import { errorText } from "../../api/errors.ts";
import { type Reason, reasonOf } from "../../api/reasons.ts";

/** The choice that may solve it: header or not, filling short rows, or reading another encoding. */
export type Remedy = "header" | "fill" | "encoding" | undefined;

export interface ImportProblem {
  text: string;
  remedy: Remedy;
}

/** The place as text: "Line 7"; the server counts from 1. */
function line(reason: Reason): string {
  const number = Number(reason.facts.get("line"));
  return Number.isInteger(number) && number > 0 ? `Line ${number.toLocaleString()}` : "A line";
}

/** Sentences for problems that no choice solves; each function receives the place. */
const SENTENCES: Readonly<Record<string, (where: string) => string>> = {
  CSV_EMPTY: () => "This file is empty.",
  CSV_NOT_TEXT: () => "This isn't a text file. Save it as CSV in UTF-8 first.",
  CSV_NUL: (where) => `${where} contains a character that no cell can hold (NUL).`,
  CSV_CELL_TOO_LARGE: (where) => `${where} has a value that is too long for a cell.`,
  CSV_ROW_TOO_LARGE: (where) => `${where} begins a row that is too long. Is a quote left open?`,
  CSV_OPEN_QUOTE: (where) => `${where} opens a quote that is never closed.`,
  CSV_TOO_MANY_COLUMNS: () => "This file has more columns than a sheet can have.",
  CSV_TOO_MANY_ROWS: () => "This file has more rows than a sheet can have. Split it first.",
};

/** The numbers of values in a ragged row and in the first row, when both are known. */
function ragged(error: Reason): { found: number; wanted: number } | undefined {
  const [found, wanted] = [Number(error.facts.get("fields")), Number(error.facts.get("expected"))];
  return found > 0 && wanted > 0 ? { found, wanted } : undefined;
}

function raggedProblem(reason: Reason, lenient: boolean): ImportProblem {
  const numbers = ragged(reason);
  const where = line(reason);
  if (numbers === undefined)
    return {
      text: `${where} has a different number of values than the first line.`,
      remedy: "fill",
    };
  const { found, wanted } = numbers;
  const text = `${where} has ${found} ${found === 1 ? "value" : "values"}, the first line has ${wanted}.`;
  // A repaired import accepts a longer row only when its additional values are empty.
  if (found > wanted && lenient)
    return { text: `${text} Correct the line first.`, remedy: undefined };
  return { text, remedy: lenient ? undefined : "fill" };
}

/** Why the server has ended an import. */
const ENDS: Readonly<Record<string, string>> = {
  QUIET: "This page sent nothing for two minutes, and no sheet was made.",
  WANTED: "The file was sent too slowly while other imports waited, and no sheet was made.",
  NO_BYTES: "This page sent nothing for ten minutes, and no sheet was made.",
  TOO_LONG: "The import took too long, and no sheet was made.",
};

function ended(reason: Reason): string {
  const why = ENDS[reason.facts.get("why") ?? ""];
  return `${why ?? "The import was interrupted, and no sheet was made."} Start it again.`;
}

/** `lenient`: the import was already tried with repairs. */
export function importProblem(error: unknown, lenient: boolean): ImportProblem {
  const reason = reasonOf(error);
  switch (reason.name) {
    case "CSV_NO_HEADER":
      return { text: "Is the first line a header? It looks like data.", remedy: "header" };
    case "IMPORT_LOST":
      return { text: ended(reason), remedy: undefined };
    case "CSV_RAGGED_ROW":
      return raggedProblem(reason, lenient);
    case "CSV_NOT_UTF8":
      return {
        text: `${line(reason)} isn't UTF-8 text.`,
        remedy: lenient ? undefined : "encoding",
      };
    default: {
      const sentence = SENTENCES[reason.name]?.(line(reason));
      return { text: sentence ?? errorText(error), remedy: undefined };
    }
  }
}

// Describes the problem of a file, and the choice that may solve it.
import { errorText } from "../../api/errors.ts";
import { type Reason, reasonOf } from "../../api/reasons.ts";
import { ImportRepair } from "../../gen/gridloom/v1/sheets_pb.ts";
import { DELIMITERS, type How } from "./how.ts";

/** A choice that may solve a problem: it does what its label says, and no more. */
export interface Remedy {
  label: string;
  apply: (how: How) => How;
  /** Whether the preview shows what it does, so that the person looks before the import. */
  isShown: boolean;
}

export interface ImportProblem {
  text: string;
  /** Undefined where no choice solves it. */
  remedy: Remedy | undefined;
}

/** The place as text: "Line 7"; the server counts from 1. */
function line(reason: Reason): string {
  const number = Number(reason.facts.get("line"));
  return Number.isInteger(number) && number > 0 ? `Line ${number.toLocaleString()}` : "A line";
}

/** Sentences for problems that no choice solves; each function receives the place. */
const SENTENCES: Readonly<Record<string, (where: string) => string>> = {
  CSV_EMPTY: () => "This file is empty.",
  CSV_NOT_TEXT: () => "This isn't a CSV file. Save it as CSV in UTF-8 first.",
  CSV_UTF32: () => "This file is UTF-32. Save it as CSV in UTF-8 first.",
  CSV_NAME_TOO_LARGE: (where) => `${where} has a name that is too long for a column.`,
  CSV_CELL_TOO_LARGE: (where) => `${where} has a value that is too long for a cell.`,
  CSV_ROW_TOO_LARGE: (where) => `${where} begins a row that is too long. Is a quote left open?`,
  CSV_OPEN_QUOTE: (where) => `${where} opens a quote that is never closed.`,
  CSV_TOO_MANY_COLUMNS: () => "This file has more columns than a sheet can have.",
  CSV_TOO_MANY_ROWS: () => "This file has more rows than a sheet can have. Split it first.",
  CSV_NO_HEADER: () => "Is the first row a header? It looks like data: choose above.",
};

function repair(label: string, kind: ImportRepair, how: How): Remedy | undefined {
  if (how.repairs.includes(kind)) return undefined;
  const apply = (how: How) => ({ ...how, repairs: [...how.repairs, kind] });
  return { label, apply, isShown: false };
}

/** Reads the file in another way: its columns may be others, so chosen kinds go. */
function reading(label: string, part: Pick<How, "delimiter" | "encoding">): Remedy {
  return { label, apply: (how) => ({ ...how, ...part, kinds: new Map() }), isShown: true };
}

function encoding(label: string, name: string): Remedy {
  return reading(label, { encoding: name });
}

/** Problems that choices solve. */
const SOLVED: Readonly<Record<string, (reason: Reason, how: How) => ImportProblem>> = {
  CSV_RAGGED_ROW: raggedProblem,
  CSV_NOT_UTF8: (reason, how) => ({
    text: `${line(reason)} isn't UTF-8 text. Choose the encoding of the file.`,
    remedy:
      how.encoding === undefined ? encoding("Read as Windows-1252", "windows-1252") : undefined,
  }),
  CSV_UTF16: (reason) => ({
    text: "This file looks like UTF-16, and has no mark of it.",
    remedy: encoding(
      "Read as UTF-16",
      reason.facts.get("big_endian") === "1" ? "utf-16be" : "utf-16le",
    ),
  }),
  CSV_NUL: (reason, how) => ({
    text: `${line(reason)} contains a character that no cell can hold (NUL).`,
    remedy: repair("Leave it out everywhere", ImportRepair.LEAVE_OUT_NUL, how),
  }),
  CSV_DAMAGED_TEXT: (reason, how) => ({
    text: `${line(reason)} contains what is no character of this encoding.`,
    remedy: repair("Put � in its place", ImportRepair.REPLACE_DAMAGED, how),
  }),
};

/** The numbers of values in a ragged row and in the first row, when both are known. */
function ragged(error: Reason): { found: number; wanted: number } | undefined {
  const [found, wanted] = [Number(error.facts.get("fields")), Number(error.facts.get("expected"))];
  return found > 0 && wanted > 0 ? { found, wanted } : undefined;
}

/** The delimiter that divides most lines below the first one evenly; the server sends its code. */
function otherDelimiter(reason: Reason): string | undefined {
  const code = Number(reason.facts.get("other_delimiter"));
  return code > 0 ? String.fromCharCode(code) : undefined;
}

/** A row of another length, in a file that another delimiter divides. */
function dividedProblem(text: string, delimiter: string): ImportProblem {
  const name = DELIMITERS[delimiter]?.toLowerCase() ?? `“${delimiter}”`;
  return {
    text: `${text} A ${name} divides most lines below the first one evenly. If the first line is a title, remove it first.`,
    remedy: reading(`Divide at each ${name}`, { delimiter }),
  };
}

function raggedProblem(reason: Reason, how: How): ImportProblem {
  const numbers = ragged(reason);
  const where = line(reason);
  const other = otherDelimiter(reason);
  const remedy = repair("Fill with empty cells", ImportRepair.FILL_ROWS, how);
  if (numbers === undefined)
    return { text: `${where} has a different number of values than the first line.`, remedy };
  const { found, wanted } = numbers;
  const text = `${where} has ${found} ${found === 1 ? "value" : "values"}, the first line has ${wanted}.`;
  if (other !== undefined) return dividedProblem(text, other);
  // A filled row may be longer only by empty values.
  if (found > wanted && remedy === undefined)
    return { text: `${text} Correct the line first.`, remedy };
  return { text, remedy };
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

/** `how`: the choices with which the file was read. */
export function importProblem(error: unknown, how: How): ImportProblem {
  const reason = reasonOf(error);
  if (reason.name === "IMPORT_LOST") return { text: ended(reason), remedy: undefined };
  const solved = SOLVED[reason.name]?.(reason, how);
  if (solved !== undefined) return solved;
  const sentence = SENTENCES[reason.name]?.(line(reason));
  return { text: sentence ?? errorText(error), remedy: undefined };
}

// The preview of a file before its import: its first rows as fields, and obvious problems.
//
// What it is not: the parser of the import, which is the server's. The preview helps the person to recognise
// the file and to decide about the header. It reads only the beginning of the file.

export interface Preview {
  /** The first rows, with the same number of fields each. */
  rows: readonly (readonly string[])[];
  /** Whether the first row looks like a header. */
  header: boolean;
  /** Why no choice can import this file; undefined when none is known. */
  problem: string | undefined;
}

const BYTES_READ = 16 * 1024;
const ROWS_SHOWN = 6;
const COLUMNS_SHOWN = 8;
const DELIMITERS = [",", ";", "\t", "|"];

/** The first characters of files in other formats, and the advice for each. */
const FORMATS: readonly [start: string, advice: string][] = [
  ["PK\u0003\u0004", "This looks like an Excel file or a ZIP archive. Save it as CSV first."],
  ["\u00d0\u00cf\u0011\u00e0", "This looks like an old Excel file. Save it as CSV first."],
  ["PAR1", "This looks like a Parquet file. Convert it to CSV first."],
  ["%PDF", "This is a PDF document, not a CSV file."],
  ["\u001f\u008b", "This file is compressed. Unpack it first."],
];
const EMPTY = "This file is empty.";
const JSON_FILE = "This looks like JSON, not CSV.";

/** Reads the beginning of a file. */
export async function previewFile(file: Blob): Promise<Preview> {
  const bytes = new Uint8Array(await file.slice(0, BYTES_READ).arrayBuffer());
  return preview(bytes, file.size > bytes.length);
}

export function preview(bytes: Uint8Array, cut: boolean): Preview {
  const problem = plainProblem(bytes);
  if (problem !== undefined) return { rows: [], header: true, problem };
  const text = new TextDecoder().decode(bytes).replace(/^\ufeff/, "");
  const records = split(text, delimiterOf(text));
  // The last record may be incomplete.
  const whole = cut && records.length > 1 ? records.slice(0, -1) : records;
  const rows = whole.slice(0, ROWS_SHOWN);
  const width = Math.min(COLUMNS_SHOWN, Math.max(1, ...rows.map((row) => row.length)));
  const shown = rows.map((row) => Array.from({ length: width }, (_, col) => row[col] ?? ""));
  return { rows: shown, header: looksLikeHeader(whole), problem: undefined };
}

function plainProblem(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.slice(0, 4));
  const format = FORMATS.find(([magic]) => start.startsWith(magic));
  if (format !== undefined) return format[1];
  const text = new TextDecoder()
    .decode(bytes)
    .replace(/^\ufeff/, "")
    .trim();
  if (text === "") return EMPTY;
  return /^(\[\s*[[{]|\{\s*")/.test(text) ? JSON_FILE : undefined;
}

/** The delimiter that occurs most often in the first line. */
function delimiterOf(text: string): string {
  const line = text.split(/\r\n|\n|\r/, 1)[0] ?? "";
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Splits a text into records of fields, with quotes as in RFC 4180. */
function split(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const pattern = new RegExp(
    `("(?:[^"]|"")*"?|[^\\r\\n${delimiter === "|" ? "\\|" : delimiter}]*)(\\r\\n|\\n|\\r|.|$)`,
    "gy",
  );
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, field = "", end] = match;
    record.push(
      field.startsWith('"') ? field.slice(1).replace(/"$/, "").replaceAll('""', '"') : field,
    );
    if (end !== delimiter) {
      if (record.length > 1 || record[0] !== "") records.push(record);
      record = [];
    }
    if (whole === "" || end === "" || records.length > ROWS_SHOWN + 20) break;
  }
  return records;
}

const VALUE = /^\s*(?:[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?|true|false|\d{4}-\d\d-\d\d.*)\s*$/i;

/** False when a field of the first row is a value and all fields below it are values, too. */
function looksLikeHeader(records: readonly (readonly string[])[]): boolean {
  const [first = [], ...below] = records;
  if (below.length === 0) return !first.some((field) => VALUE.test(field));
  return !first.some(
    (field, col) => VALUE.test(field) && below.every((row) => VALUE.test(row[col] ?? "")),
  );
}

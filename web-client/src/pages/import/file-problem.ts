// Files of other formats: no choice can import them.

/** The first characters of files in other formats, and the advice for each. */
const FORMATS: readonly [start: string, advice: string][] = [
  ["PK\u0003\u0004", "This looks like an Excel file or a ZIP archive. Save it as CSV first."],
  ["\u00d0\u00cf\u0011\u00e0", "This looks like an old Excel file. Save it as CSV first."],
  // With the first byte of a page's header: a name may begin so.
  ["PAR1\u0015", "This looks like a Parquet file. Convert it to CSV first."],
  ["%PDF", "This is a PDF document, not a CSV file."],
  ["\u001f\u008b", "This file is compressed. Unpack it first."],
];
/** Bytes of the longest of them. */
const LONGEST = 5;
const EMPTY = "This file is empty.";
const JSON_FILE = "This looks like JSON, not CSV.";

/** Why no choice can import a file that begins so; undefined when none is known. */
export function fileProblem(begin: Uint8Array): string | undefined {
  const start = String.fromCharCode(...begin.slice(0, LONGEST));
  const format = FORMATS.find(([magic]) => start.startsWith(magic));
  if (format !== undefined) return format[1];
  const text = new TextDecoder().decode(begin).trim();
  if (text === "") return EMPTY;
  return /^(\[\s*[[{]|\{\s*")/.test(text) ? JSON_FILE : undefined;
}

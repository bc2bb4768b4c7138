// Files that no choice can import, by their first bytes, before they are sent.
//
// What it is not: the rules for texts, such as JSON, of which the server decides. Invariant: the server refuses these bytes, too.

/** The first bytes of files in other formats, as the server has them, and the advice for each. */
const FORMATS: readonly [start: string, advice: string][] = [
  ["PK\u0003\u0004", "This looks like an Excel file or a ZIP archive. Save it as CSV first."],
  ["\u00d0\u00cf\u0011\u00e0", "This looks like an old Excel file. Save it as CSV first."],
  // With the first byte of a page's header, since a name can begin so.
  ["PAR1\u0015", "This looks like a Parquet file. Convert it to CSV first."],
  ["%PDF-", "This is a PDF document, not a CSV file."],
  ["\u001f\u008b", "This file is compressed. Unpack it first."],
];
const MOST_BYTES = Math.max(...FORMATS.map(([start]) => start.length));
const EMPTY = "This file is empty.";

/** Why no choice can import a file that begins so; undefined when none is known. */
export function fileProblem(begin: Uint8Array): string | undefined {
  if (begin.length === 0) return EMPTY;
  const start = String.fromCharCode(...begin.slice(0, MOST_BYTES));
  return FORMATS.find(([magic]) => start.startsWith(magic))?.[1];
}

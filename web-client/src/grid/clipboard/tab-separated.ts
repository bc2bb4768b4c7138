// Converts between rows of fields and tab-separated text, the form that spreadsheets put on the clipboard.
//
// What it is not: it guesses no other separator. A text without a tab is one column, even when its
// lines contain commas.

/** Splits text into rows of fields. Quoted fields may hold tabs and line ends. */
export function parseClipboard(text: string): string[][] {
  if (text === "") return [];
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  for (;;) {
    const [field, end] = readField(text, at);
    row.push(field);
    if (text[end] === "\t") {
      at = end + 1;
      continue;
    }
    rows.push(row);
    row = [];
    if (end >= text.length) return rows;
    at = text.startsWith("\r\n", end) ? end + 2 : end + 1;
    // A line end after the last row starts no further row.
    if (at >= text.length) return rows;
  }
}

/** The field that starts at `at`, and the position of its end. */
function readField(text: string, at: number): [string, number] {
  if (text[at] === '"') {
    const quoted = readQuoted(text, at + 1);
    // Text after a closing quote means that the quotes belong to the text.
    if (quoted !== undefined && isEnd(text, quoted[1])) return quoted;
  }
  let end = at;
  while (!isEnd(text, end)) end++;
  return [text.slice(at, end), end];
}

function isEnd(text: string, at: number): boolean {
  const char = text[at];
  return char === undefined || char === "\t" || char === "\n" || char === "\r";
}

function readQuoted(text: string, start: number): [string, number] | undefined {
  let from = start;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return undefined;
    if (text[quote + 1] !== '"') return [text.slice(start, quote).replaceAll('""', '"'), quote + 1];
    from = quote + 2;
  }
}

/** Writes rows as tab-separated text that spreadsheets and `parseClipboard` read. */
export function formatClipboard(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(quoteField).join("\t")).join("\n");
}

function quoteField(field: string): string {
  return /["\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

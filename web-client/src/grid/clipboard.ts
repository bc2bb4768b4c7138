// Text on the clipboard to and from rows of fields: tab-separated as every spreadsheet writes it, or
// comma-separated as a text editor may hold it.

/** Splits text into rows of fields. Quoted fields may hold the separator and line ends. */
export function splitDelimited(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  for (;;) {
    const [field, end] = readField(text, at, separator);
    row.push(field);
    if (text[end] === separator) {
      at = end + 1;
      continue;
    }
    rows.push(row);
    row = [];
    if (end >= text.length) return rows;
    at = text.startsWith("\r\n", end) ? end + 2 : end + 1;
    // A line end after the last row starts no other row.
    if (at >= text.length) return rows;
  }
}

/** One field from `at` on, and where it ends. */
function readField(text: string, at: number, separator: string): [string, number] {
  if (text[at] === '"') {
    const quoted = readQuoted(text, at + 1);
    // Text after a closing quote means that the quotes were no quoting at all.
    if (quoted !== undefined && isEnd(text, quoted[1], separator)) return quoted;
  }
  let end = at;
  while (!isEnd(text, end, separator)) end++;
  return [text.slice(at, end), end];
}

function isEnd(text: string, at: number, separator: string): boolean {
  const char = text[at];
  return char === undefined || char === separator || char === "\n" || char === "\r";
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

/** Commas separate fields only when several lines agree on how many there are. */
function looksLikeCsv(rows: readonly (readonly string[])[]): boolean {
  const width = rows[0]?.length ?? 0;
  return rows.length > 1 && width > 1 && rows.every((row) => row.length === width);
}

/** The rows that pasted text stands for. */
export function parseClipboard(text: string): string[][] {
  if (text === "") return [];
  if (!text.includes("\t") && text.includes(",")) {
    const rows = splitDelimited(text, ",");
    if (looksLikeCsv(rows)) return rows;
  }
  return splitDelimited(text, "\t");
}

/** Rows as tab-separated text that spreadsheets and `parseClipboard` read. */
export function formatClipboard(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(quoteField).join("\t")).join("\n");
}

function quoteField(field: string): string {
  return /["\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Fits pasted rows to the selection: a selection that they fill exactly several times is filled. */
export function tile<T>(rows: readonly (readonly T[])[], height: number, width: number): T[][] {
  const ownHeight = rows.length;
  const ownWidth = Math.max(0, ...rows.map((row) => row.length));
  const fills = ownHeight > 0 && ownWidth > 0 && height % ownHeight === 0 && width % ownWidth === 0;
  const [h, w] = fills ? [height, width] : [ownHeight, ownWidth];
  return Array.from({ length: h }, (_, y) => {
    const row = rows[y % ownHeight] ?? [];
    return fills ? Array.from({ length: w }, (_, x) => row[x % ownWidth] as T) : [...row];
  });
}

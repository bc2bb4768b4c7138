// The forms of copied cells on the clipboard, and how a paste reads them.
//
// A copy has three forms: text for editors, an HTML table for other programs, and in an attribute of
// that table the values with their kinds. A paste of an own copy reads the values, so it is exact. The table has the texts
// of the person, and beside each the number itself, which spreadsheets read whatever their language.
import { type CellValue, exactText } from "../../cells/values.ts";
import type { Texts } from "../../live/engine/texts.ts";
import { formatClipboard, parseClipboard } from "./tab-separated.ts";

/** The text and the table of a copy; the table holds the values. */
export interface Clip {
  text: string;
  html: string;
}

/** The content of a paste: values of an own copy, or fields of text that are not parsed yet. */
export type Pasted = { kind: "values"; rows: CellValue[][] } | { kind: "fields"; rows: string[][] };

/** The attribute of the table that holds the values. */
const ATTRIBUTE = "data-gridloom";
const VERSION = 1;
/** Marks a cell as text for spreadsheets, also when it reads like a number. */
const TEXT_STYLE = "mso-number-format:'\\@'";
/** The names of Excel's attributes. */
const NAMES = 'xmlns:x="urn:schemas-microsoft-com:office:excel"';
/** The form of LibreOffice's number: a decimal point, as in the language with this number, American English. */
const SDNUM = "1033;";

/** How the numbers of a column are written, so that a paste of the text alone reads them. */
type NumberForm = Pick<Texts, "edited">;

/** The text of a value for editors; `form` is there for a column of numbers. */
export function copiedText(value: CellValue, form: NumberForm | undefined): string {
  const isFormed = typeof value === "number" && form !== undefined;
  return isFormed ? form.edited(value) : exactText(value);
}

/** `texts`: the texts of the values, where they are not the exact ones. */
export function makeClip(
  rows: readonly (readonly CellValue[])[],
  texts: string[][] = rows.map((row) => row.map(exactText)),
): Clip {
  const text = formatClipboard(texts);
  const cell = (value: CellValue, shown = exactText(value)) =>
    `<td${attributes(value)}>${escaped(shown).replaceAll("\n", "<br>")}</td>`;
  const body = rows.map(
    (row, y) => `<tr>${row.map((value, x) => cell(value, texts[y]?.[x])).join("")}</tr>`,
  );
  const values = escaped(encode(rows));
  const html = `<table ${NAMES} ${ATTRIBUTE}="${values}"><tbody>${body.join("")}</tbody></table>`;
  return { text, html };
}

/** What a cell of the table is for Excel and for LibreOffice: a text, or a number. */
function attributes(value: CellValue): string {
  if (typeof value === "string") return ` style="${TEXT_STYLE}"`;
  if (typeof value !== "number") return "";
  const number = exactText(value);
  return ` x:num="${number}" sdval="${number}" sdnum="${SDNUM}"`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function encode(rows: readonly (readonly CellValue[])[]): string {
  const value = (cell: CellValue) => {
    if (typeof cell === "bigint") return { t: String(cell) };
    return typeof cell === "object" && cell !== null && "micros" in cell
      ? { l: String(cell.micros) }
      : cell;
  };
  return JSON.stringify({ v: VERSION, rows: rows.map((row) => row.map(value)) });
}

/** A value of an own copy; undefined for anything else: any program can write to the clipboard. */
function decodeValue(json: unknown): CellValue | undefined {
  if (json === null || typeof json === "boolean" || typeof json === "string") return json;
  if (typeof json === "number") return Number.isFinite(json) ? json : undefined;
  if (typeof json !== "object") return undefined;
  if ("days" in json && typeof json.days === "number" && Number.isInteger(json.days))
    return { days: json.days };
  if ("l" in json) {
    const micros = decodeMicros(json.l);
    return micros === undefined ? undefined : { micros };
  }
  return "t" in json ? decodeMicros(json.t) : undefined;
}

function decodeMicros(json: unknown): bigint | undefined {
  return typeof json === "string" && /^-?\d{1,18}$/.test(json) ? BigInt(json) : undefined;
}

/** The values of an own copy; undefined for anything else. */
export function decodeValues(json: string): CellValue[][] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { v, rows } = parsed as { v?: unknown; rows?: unknown };
  if (v !== VERSION || !Array.isArray(rows)) return undefined;
  const values: CellValue[][] = [];
  for (const row of rows) {
    const read = Array.isArray(row) ? row.map(decodeValue) : [undefined];
    if (read.includes(undefined)) return undefined;
    values.push(read as CellValue[]);
  }
  return values;
}

/**
 * Reads the clipboard. Own values have priority, then text with tabs, then one column of text that a table confirms, then a
 * table, then one column of text. `parse` parses HTML as the browser does.
 */
export function readClip(
  { text, html }: Clip,
  parse: (html: string) => Document,
): Pasted | undefined {
  const document = html.includes("<table") ? parse(html) : undefined;
  const own = document?.querySelector(`table[${ATTRIBUTE}]`)?.getAttribute(ATTRIBUTE);
  const values = typeof own === "string" ? decodeValues(own) : undefined;
  if (values !== undefined && values.length > 0) return { kind: "values", rows: values };
  const table = text.includes("\t") ? null : document?.querySelector("table");
  const rows = table ? oneColumn(text, tableFields(table)) : parseClipboard(text);
  return rows.length > 0 ? { kind: "fields", rows } : undefined;
}

/**
 * The fields of a table, or of the text beside it where that is the same column: HTML has no repeated blanks and none at
 * the ends. Some programs quote fields in text, others do not; the table shows which.
 */
export function oneColumn(text: string, table: string[][]): string[][] {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const readings = [parseClipboard(text), lines.map((line) => [line])];
  const bare = (rows: readonly (readonly string[])[]) =>
    JSON.stringify(rows.map((row) => row.map((field) => field.replace(/\s/g, ""))));
  const shown = bare(table);
  return readings.find((rows) => bare(rows) === shown) ?? table;
}

/** The fields of a table. A cell that spans columns or rows fills its first field; the others are empty. */
function tableFields(table: HTMLTableElement): string[][] {
  const rows: string[][] = [];
  for (const [y, row] of [...table.rows].entries()) {
    const fields = rows[y] ?? [];
    let x = 0;
    for (const cell of row.cells) {
      while (fields[x] !== undefined) x++;
      spread(rows, y, x, cell, fieldText(cell));
      x += cell.colSpan;
    }
    rows[y] = Array.from(rows[y] ?? [], (field) => field ?? "");
  }
  return rows.slice(0, table.rows.length);
}

/** Rows and columns that one cell of a table may span: any page can write any number. */
const MOST_SPAN = 1_000;

function spread(rows: string[][], y: number, x: number, cell: HTMLTableCellElement, text: string) {
  for (let dy = 0; dy < Math.min(cell.rowSpan, MOST_SPAN); dy++) {
    const fields = rows[y + dy] ?? [];
    rows[y + dy] = fields;
    for (let dx = 0; dx < Math.min(cell.colSpan, MOST_SPAN); dx++)
      fields[x + dx] = dx === 0 && dy === 0 ? text : "";
  }
}

function fieldText(cell: HTMLTableCellElement): string {
  const copy = cell.cloneNode(true) as HTMLElement;
  for (const line of copy.querySelectorAll("br")) line.replaceWith(LINE_END);
  // Line breaks and repeated blanks in HTML are layout; only <br> is a line end.
  const lines = (copy.textContent ?? "").split(LINE_END);
  return lines.map((line) => line.replace(/\s+/g, " ").trim()).join("\n");
}

/** Replaces <br> for a moment: a private-use character that no text contains. */
const LINE_END = "\u{f0000}";

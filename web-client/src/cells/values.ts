// Cell values: their types, their text on the screen, and the parsing of typed text.
//
// A column's kind guides the parsing but never refuses a text: one that does not fit the kind stays text, so
// that nothing typed or pasted is lost. A leading apostrophe makes any typed input text; in a file or on the
// clipboard it is an ordinary character.
import { ColumnKind } from "../gen/gridloom/v1/values_pb.ts";

/** null: empty; bigint: a date-time in microseconds since the Unix epoch. */
export type CellValue = null | boolean | number | string | bigint;

const NUMBER = /^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?([eE][+-]?\d+)?$/;
/** Numbers that are never meant as text: no leading zeros, as in post codes, and no grouping. */
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** A double represents decimal numbers exactly up to this many digits. */
const EXACT_DIGITS = 15;
const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;
const YES = new Set(["true", "yes", "y", "1"]);
const NO = new Set(["false", "no", "n", "0"]);
const DAY_MICROS = 86_400_000_000n;

/** Parses a number, ignoring grouping commas; undefined for other texts. */
export function parseNumber(text: string): number | undefined {
  if (!/\d/.test(text) || !NUMBER.test(text)) return undefined;
  const value = Number(text.replaceAll(",", ""));
  return Number.isFinite(value) ? value : undefined;
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith("-") ? -minutes : minutes;
}

/** Parses an ISO 8601 date, with or without a time, into microseconds; without a zone it is UTC. */
export function parseDateTime(text: string): bigint | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  if (h > 23 || mi > 59 || s > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  date.setUTCHours(h, mi, s);
  // A day that the month does not have falls into the next month: not a date.
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d) return undefined;
  const millis = date.getTime() - offsetMinutes(zone) * 60_000;
  return BigInt(millis) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

function parseAny(text: string): CellValue {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  const digits = text.replace(/\D/g, "").length;
  if (PLAIN_NUMBER.test(text) && digits <= EXACT_DIGITS) return parseNumber(text) ?? text;
  return parseDateTime(text) ?? text;
}

/** Parses typed text for a column of this kind; a leading apostrophe marks text. */
export function parseTyped(text: string, kind: ColumnKind): CellValue {
  return text.startsWith("'") ? text.slice(1) : parseValue(text, kind);
}

/** Parses text that was not typed, such as a pasted field, for a column of this kind. */
export function parseValue(text: string, kind: ColumnKind): CellValue {
  if (text === "") return null;
  const trimmed = text.trim();
  switch (kind) {
    case ColumnKind.TEXT:
      return text;
    case ColumnKind.NUMBER:
      return parseNumber(trimmed) ?? text;
    case ColumnKind.BOOL: {
      const lower = trimmed.toLowerCase();
      return YES.has(lower) ? true : NO.has(lower) ? false : text;
    }
    case ColumnKind.DATETIME:
      return parseDateTime(trimmed) ?? text;
    default: {
      const value = parseAny(trimmed);
      return typeof value === "string" ? text : value;
    }
  }
}

/** A date-time as text that `parseDateTime` reads back; at midnight, the date alone. */
export function formatDateTime(micros: bigint): string {
  const millis = Number(micros / 1000n) - (micros % 1000n < 0n ? 1 : 0);
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return `${micros} µs`;
  const [day = "", time = ""] = date.toISOString().split("T");
  if (micros % DAY_MICROS === 0n) return day;
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const clock = time.slice(0, 8);
  if (fraction === 0n) return `${day} ${clock.endsWith(":00") ? clock.slice(0, 5) : clock}`;
  return `${day} ${clock}.${fraction.toString().padStart(6, "0").replace(/0+$/, "")}`;
}

/** A value as text, on the screen and on the clipboard. */
export function formatValue(value: CellValue): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "bigint") return formatDateTime(value);
  return String(value);
}

/** A value as text to edit: saving it unchanged gives the same value again. */
export function editText(value: CellValue, kind: ColumnKind): string {
  const text = formatValue(value);
  if (typeof value !== "string" || value === "") return text;
  return parseTyped(text, kind) === value ? text : `'${text}`;
}

/**
 * A number in at most `room` characters: first with fewer decimals, then in exponential form. A number that
 * still does not fit becomes a row of #, since a cut number would read as a different one.
 */
export function fitNumber(value: number, room: number): string {
  const full = String(value);
  if (full.length <= room) return full;
  for (let digits = Math.min(room, EXACT_DIGITS); digits > 0; digits--) {
    const short = Number(value.toPrecision(digits));
    const text = String(short);
    // Rounding may remove decimals only, unless the text has an exponent.
    if (text.length <= room && (text.includes("e") || Math.abs(short - value) < 1)) return text;
  }
  for (let digits = 4; digits >= 0; digits--) {
    const text = value.toExponential(digits);
    if (text.length <= room) return text;
  }
  return "#".repeat(Math.max(1, room));
}

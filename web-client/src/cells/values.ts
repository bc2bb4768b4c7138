// Cell values: their types, and their text on the screen and for other programs.
//
// Texts are read by the engine (live/engine/engine.ts), which has the rules. Invariant: `exactText` writes what the engine
// writes, and reading it without a kind gives the same value.
import { ColumnKind, type Value } from "../gen/gridloom/v1/values_pb.ts";

/** A day: days since 1970-01-01. */
export interface Day {
  readonly days: number;
}

/** A day and a time of day without a zone: microseconds since 1970-01-01 00:00. */
export interface LocalTime {
  readonly micros: bigint;
}

/** null: empty; bigint: an instant in microseconds since the Unix epoch. */
export type CellValue = null | boolean | number | string | bigint | Day | LocalTime;

/** A double represents decimal numbers exactly up to this many digits. */
const EXACT_DIGITS = 15;
const DAY_MICROS = 86_400_000_000n;
const DAY_MILLIS = 86_400_000;

/** The value of a message. */
export function plainValue(value: Value | undefined): CellValue {
  if (value === undefined) return null;
  const { kind } = value;
  switch (kind.case) {
    case undefined:
      return null;
    case "dateDays":
      return { days: kind.value };
    case "localDatetimeMicros":
      return { micros: kind.value };
    default:
      return kind.value;
  }
}

/** Whether two values are the same; undefined is a value that is not loaded. */
export function sameValue(one: CellValue | undefined, other: CellValue | undefined): boolean {
  if (!isTime(one) || !isTime(other)) return one === other;
  return "days" in one
    ? "days" in other && one.days === other.days
    : "micros" in other && one.micros === other.micros;
}

function isTime(value: CellValue | undefined): value is Day | LocalTime {
  return typeof value === "object" && value !== null;
}

function dayText(days: number): string {
  const date = new Date(days * DAY_MILLIS);
  return Number.isNaN(date.getTime()) ? "(no date)" : date.toISOString().slice(0, 10);
}

/** The text of a day and a time of day, with this text between them; `short` leaves out seconds that are zero. */
function timeText(micros: bigint, between: string, short: boolean): string {
  const ofDay = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  const day = dayText(Number((micros - ofDay) / DAY_MICROS));
  const fraction = ofDay % 1_000_000n;
  const clock = new Date(Number(ofDay / 1000n)).toISOString().slice(11, 19);
  if (fraction !== 0n) {
    const digits = fraction.toString().padStart(6, "0").replace(/0+$/, "");
    return `${day}${between}${clock}.${digits}`;
  }
  return `${day}${between}${short && clock.endsWith(":00") ? clock.slice(0, 5) : clock}`;
}

/**
 * A value as people see it in a column of this kind; `decimal` is their decimal mark. Typed there, it is the same value: in
 * columns of other kinds only the exact form is.
 */
export function formatValue(value: CellValue, kind: ColumnKind, decimal = "."): string {
  if (typeof value === "number" && kind === ColumnKind.NUMBER)
    return exactText(value).replace(".", decimal);
  if (typeof value === "bigint" && kind === ColumnKind.DATETIME)
    return `${timeText(value, " ", true)} UTC`;
  if (isTime(value) && "micros" in value && kind === ColumnKind.LOCAL_DATETIME)
    return timeText(value.micros, " ", true);
  return exactText(value);
}

/** Whether a value is a day, a time without a zone, or an instant. */
export function isCalendar(value: CellValue): value is Day | LocalTime | bigint {
  return typeof value === "bigint" || isTime(value);
}

/** A value as text for other programs: one form for each value. */
export function exactText(value: CellValue): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value).replace("e+", "e");
  if (typeof value === "bigint") return `${timeText(value, "T", false)}Z`;
  if (!isTime(value)) return String(value);
  return "days" in value ? dayText(value.days) : timeText(value.micros, " ", false);
}

/**
 * A number in at most `room` characters: first with fewer decimals, then in exponential form. A number that
 * still does not fit becomes a row of #, since a cut number would read as a different one.
 */
export function fitNumber(value: number, room: number): string {
  const full = exactText(value);
  if (full.length <= room) return full;
  for (let digits = Math.min(room, EXACT_DIGITS); digits > 0; digits--) {
    const short = Number(value.toPrecision(digits));
    const text = exactText(short);
    // Rounding may remove decimals only, unless the text has an exponent.
    if (text.length <= room && (text.includes("e") || Math.abs(short - value) < 1)) return text;
  }
  for (let digits = 4; digits >= 0; digits--) {
    const text = value.toExponential(digits).replace("e+", "e");
    if (text.length <= room) return text;
  }
  return "#".repeat(Math.max(1, room));
}

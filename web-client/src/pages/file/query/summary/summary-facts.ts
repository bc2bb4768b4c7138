// The counts of a column as texts and parts, for the dialog that shows them.
import { count } from "../../../../base/text.ts";
import { type CellValue, exactText, plainValue } from "../../../../cells/values.ts";
import type { SummarizeColumnResponse } from "../../../../gen/gridloom/v1/tables_pb.ts";
import type { ColumnKind, Value } from "../../../../gen/gridloom/v1/values_pb.ts";
import { valueText } from "../chips/chip-text.ts";
import type { Condition } from "../query.ts";

/** The server cuts longer texts. */
const CUT_CHARACTERS = 200;
const PERCENT = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

export interface Fact {
  name: string;
  text: string;
}

/** A part of all as a percentage; a small part is not none. */
export function shareText(part: number, all: number): string {
  if (all === 0) return PERCENT.format(0);
  const least = 0.001;
  return part > 0 && part / all < least ? `< ${PERCENT.format(least)}` : PERCENT.format(part / all);
}

function numberText(value: number, decimal: string): string {
  // A sum of many decimals has more digits than are true.
  return exactText(Number(value.toPrecision(15))).replace(".", decimal);
}

export function factsOf(
  summary: SummarizeColumnResponse,
  kind: ColumnKind,
  decimal: string,
): readonly Fact[] {
  const { rows, emptyRows, distinct, least, greatest, sum } = summary;
  const empty = `${count(Number(emptyRows))} (${shareText(Number(emptyRows), Number(rows))})`;
  const of = (value: Value | undefined) => valueText(plainValue(value), kind, decimal);
  return [
    { name: "Rows", text: count(Number(rows)) },
    { name: "Empty", text: emptyRows === 0n ? count(0) : empty },
    { name: "Different values", text: count(Number(distinct)) },
    ...(least === undefined ? [] : [{ name: "Least", text: of(least) }]),
    ...(greatest === undefined ? [] : [{ name: "Greatest", text: of(greatest) }]),
    ...(sum === undefined ? [] : [{ name: "Sum", text: numberText(sum, decimal) }]),
  ];
}

/** The condition of the rows that have a listed value. */
export function conditionOf(col: number, given: Value | undefined): Condition {
  const value = plainValue(given);
  if (value === null) return { col, test: "empty", values: [], isExact: false };
  const isCut = typeof value === "string" && [...value].length >= CUT_CHARACTERS;
  if (!isCut) return { col, test: "is", values: [value], isExact: typeof value === "string" };
  return { col, test: "starts", values: [value], isExact: true };
}

export interface Bar {
  from: string;
  to: string;
  rows: number;
  /** Of the highest bar, from 0 to 1. */
  height: number;
}

/** The digits of the ends of ranges: a person compares few, and a number has at most 17. */
const [DIGITS_LEAST, DIGITS_MOST] = [6, 17];

/** As few digits as keep the ends of ranges apart. */
function digitsOf(ends: readonly CellValue[]): number {
  const numbers = new Set(ends.filter((end) => typeof end === "number"));
  for (let digits = DIGITS_LEAST; digits < DIGITS_MOST; digits++) {
    const texts = new Set([...numbers].map((end) => end.toPrecision(digits)));
    if (texts.size === numbers.size) return digits;
  }
  return DIGITS_MOST;
}

export function barsOf(
  { ranges }: SummarizeColumnResponse,
  kind: ColumnKind,
  decimal: string,
): readonly Bar[] {
  const most = Math.max(1, ...ranges.map(({ rows }) => Number(rows)));
  const digits = digitsOf(ranges.flatMap(({ from, to }) => [plainValue(from), plainValue(to)]));
  const endText = (end: Value | undefined) => {
    const plain = plainValue(end);
    const short = typeof plain === "number" ? Number(plain.toPrecision(digits)) : plain;
    return valueText(short, kind, decimal);
  };
  return ranges.map(({ from, to, rows }) => ({
    from: endText(from),
    to: endText(to),
    rows: Number(rows),
    height: Number(rows) / most,
  }));
}

// The query of a table in the address of its page: `?table=1&sort=-3&where=[0,"is",0,"TX"]`.
//
// Invariants: what was written is read as it was; an address of any other text gives a query of the table all the same, without
// what is no part of one; an address that this writes has at most ADDRESS_MOST characters.
import type { CellValue } from "../../../../cells/values.ts";
import {
  CONDITIONS_MOST,
  type Condition,
  hasValues,
  LEVELS_MOST,
  type Level,
  type Query,
  TESTS,
  type Test,
} from "../query.ts";

/** Characters of the part after the path. Servers and proxies take some thousands. */
export const ADDRESS_MOST = 4_000;

/** Days, times without a zone and instants, as an object with one field. */
type Written = string | number | boolean | { d: number } | { l: string } | { i: string };

function written(value: CellValue): Written {
  if (value === null) return "";
  if (typeof value === "bigint") return { i: String(value) };
  if (typeof value !== "object") return value;
  return "days" in value ? { d: value.days } : { l: String(value.micros) };
}

const MICROS = /^-?\d{1,18}$/;

/** Undefined for what is no value. */
function readValue(value: unknown): CellValue | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return undefined;
  if ("d" in value && Number.isSafeInteger(value.d)) return { days: Number(value.d) };
  if ("l" in value && typeof value.l === "string" && MICROS.test(value.l))
    return { micros: BigInt(value.l) };
  if ("i" in value && typeof value.i === "string" && MICROS.test(value.i)) return BigInt(value.i);
  return undefined;
}

function isTest(test: unknown): test is Test {
  return TESTS.some((known) => known === test);
}

function isColumn(col: unknown, columns: number): col is number {
  return Number.isSafeInteger(col) && Number(col) >= 0 && Number(col) < columns;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readCondition(text: string, columns: number): Condition | undefined {
  const parts = parsed(text);
  if (!Array.isArray(parts)) return undefined;
  const [col, test, exact, ...rest] = parts as unknown[];
  if (!isColumn(col, columns) || !isTest(test) || !hasValues(test, rest.length)) return undefined;
  const values = rest.map(readValue).filter((value) => value !== undefined);
  if (values.length < rest.length) return undefined;
  return { col, test, values, isExact: exact === 1 };
}

function readOrder(text: string, columns: number): Level[] {
  const levels = new Map<number, Level>();
  for (const part of text.split(",")) {
    const [, minus = "", digits = ""] = /^(-?)(\d{1,6})$/.exec(part) ?? [];
    const col = Number(digits);
    if (digits !== "" && isColumn(col, columns) && !levels.has(col))
      levels.set(col, { col, descending: minus !== "" });
  }
  return [...levels.values()].slice(0, LEVELS_MOST);
}

/** The query that the part of an address after `?` has, for a table with so many columns. */
export function readQuery(search: string, columns: number): Query {
  const fields = new URLSearchParams(search);
  const conditions = fields.getAll("where").slice(0, CONDITIONS_MOST);
  return {
    conditions: conditions
      .map((text) => readCondition(text, columns))
      .filter((condition) => condition !== undefined),
    order: readOrder(fields.get("sort") ?? "", columns),
  };
}

/** The number of the table; that of the first one where the address names none. */
export function readTable(search: string): number {
  const text = new URLSearchParams(search).get("table") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

/** The part of the address after the path, with its `?`; empty for the first table without a query. */
export function searchOf(table: number, { conditions, order }: Query): string {
  const fields = new URLSearchParams();
  if (table > 0) fields.set("table", String(table));
  if (order.length > 0)
    fields.set("sort", order.map(({ col, descending }) => `${descending ? "-" : ""}${col}`).join());
  for (const { col, test, values, isExact } of conditions)
    fields.append("where", JSON.stringify([col, test, isExact ? 1 : 0, ...values.map(written)]));
  const text = fields.toString();
  return text === "" ? "" : `?${text}`;
}

/** Why a query has no address; undefined where it has one. */
export function tooLong(query: Query): string | undefined {
  if (query.conditions.length > CONDITIONS_MOST)
    return `A table has at most ${CONDITIONS_MOST} conditions. Remove some first.`;
  const isLong = searchOf(999_999, query).length > ADDRESS_MOST;
  return isLong ? "This is too long for a filter. Use fewer or shorter values." : undefined;
}

// How a file is read: what the person has chosen; the server decides the rest.
//
// Invariant: a choice stays until the person changes it, also over refusals; only a button that divides or decodes the file in
// another way drops the kinds of its columns.
import type { ImportReading } from "../../api/transfer.ts";
import type { ImportRepair, PreviewImportResponse } from "../../gen/gridloom/v1/sheets_pb.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";

export interface How {
  /** Whether the first row is a header; undefined: as the server finds. */
  header?: boolean;
  /** The character between fields. */
  delimiter?: string;
  /** A name of the WHATWG Encoding Standard. */
  encoding?: string;
  /** The decimal mark of numbers; not together with a language, which has its own. */
  decimalMark?: string | undefined;
  /** The language as which numbers and days are written, as BCP 47 has it; undefined: that of the account. */
  locale?: string | undefined;
  /** The zone of times without one; undefined: that of this browser. */
  timeZone?: string;
  /** Chosen kinds, by the number of the column. */
  kinds: ReadonlyMap<number, ColumnKind>;
  repairs: readonly ImportRepair[];
}

/** The characters between fields that a person chooses among. */
export const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "Comma",
  ";": "Semicolon",
  "\t": "Tab",
  "|": "Vertical bar",
};

export const NOTHING_CHOSEN: How = { kinds: new Map(), repairs: [] };

/** The choices as the server takes them. */
export function readingOf({
  header,
  delimiter,
  encoding,
  decimalMark,
  locale,
  timeZone,
  kinds,
  repairs,
}: How): ImportReading {
  const last = Math.max(-1, ...kinds.keys());
  return {
    header: header === true,
    noHeader: header === false,
    delimiter: delimiter ?? "",
    encoding: encoding ?? "",
    decimalMark: decimalMark ?? "",
    locale: locale ?? "",
    timeZone: hasInstants(kinds) ? (timeZone ?? ownZone()) : "",
    kinds: Array.from({ length: last + 1 }, (_, col) => kinds.get(col) ?? ColumnKind.UNSPECIFIED),
    repairs: [...repairs],
  };
}

/** Whether a column of instants is chosen: only there a time without a zone needs one. */
export function hasInstants(kinds: How["kinds"]): boolean {
  return [...kinds.values()].includes(ColumnKind.DATETIME);
}

/** The zone of this browser. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zones among which a person chooses: that of this browser, UTC, then the others by name. */
export function zones(): string[] {
  return [...new Set([ownZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])];
}

/**
 * The import does what the preview shows, also where the person has chosen nothing. `isFormer`: it shows what the choices before
 * these have given, which decides nothing.
 */
export function asShown(
  how: How,
  { shown, isFormer }: { shown: PreviewImportResponse | undefined; isFormer: boolean },
): How {
  return shown === undefined || isFormer ? how : { header: shown.hasHeader, ...how };
}

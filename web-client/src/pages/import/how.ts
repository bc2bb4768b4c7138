// How a file is read: what the person has chosen; the server decides the rest.
//
// Invariant: a choice stays until the person changes it, also over refusals.
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
  /** The decimal mark of numbers. */
  decimalMark?: string;
  /** Chosen kinds, by the number of the column. */
  kinds: ReadonlyMap<number, ColumnKind>;
  repairs: readonly ImportRepair[];
}

export const NOTHING_CHOSEN: How = { kinds: new Map(), repairs: [] };

/** The choices as the server takes them. */
export function readingOf({
  header,
  delimiter,
  encoding,
  decimalMark,
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
    timeZone: zoneOf(kinds),
    kinds: Array.from({ length: last + 1 }, (_, col) => kinds.get(col) ?? ColumnKind.UNSPECIFIED),
    repairs: [...repairs],
  };
}

/** The zone of this browser, for times without one in columns of instants. */
function zoneOf(kinds: How["kinds"]): string {
  const isUsed = [...kinds.values()].includes(ColumnKind.DATETIME);
  return isUsed ? new Intl.DateTimeFormat().resolvedOptions().timeZone : "";
}

/** The import does what the preview shows, also where the person has chosen nothing. */
export function asShown(how: How, shown: PreviewImportResponse | undefined): How {
  return shown === undefined ? how : { header: shown.hasHeader, ...how };
}

// The calls that convert a column's values.
//
// What it is not: it converts nothing itself. The server does, for all rows.
import { localeNow } from "../../../api/session.ts";
import { sheets } from "../../../api/transport.ts";
import type { ConvertColumnResponse } from "../../../gen/gridloom/v1/conversion_pb.ts";
import type { ColumnKind, ColumnSettings } from "../../../gen/gridloom/v1/values_pb.ts";

export interface Conversion {
  sheetId: string;
  /** The column's id. */
  column: string;
  kind: ColumnKind;
  /** The new settings; without them, those of the column stay. */
  settings?: ColumnSettings | undefined;
  /** Whether a day with a time of day may become a day. */
  dropTimes: boolean;
}

function requestOf({ column, settings, ...conversion }: Conversion) {
  const given = settings === undefined ? {} : { settings };
  const by = { column: { case: "id" as const, value: column } };
  return { ...conversion, ...given, column: by, locale: localeNow() };
}

/** What a conversion would do. */
export function preview(
  conversion: Conversion,
  signal: AbortSignal,
): Promise<ConvertColumnResponse> {
  return sheets.convertColumn({ ...requestOf(conversion), dryRun: true }, { signal });
}

/** Converts; a repeated `requestId` continues. It can be undone at `place`. */
export function convert(
  conversion: Conversion,
  step: { requestId: string; place: bigint },
  signal: AbortSignal,
): Promise<ConvertColumnResponse> {
  return sheets.convertColumn({ ...requestOf(conversion), ...step }, { signal });
}

// Loads rows of a table of a file from the server.

import { tables } from "../../../../api/tables.ts";
import type { Lines } from "../../../../cells/area.ts";
import { type CellValue, plainValue } from "../../../../cells/values.ts";
import type { Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import type { LoadRows } from "./row-windows.ts";

/** How long a call may take: a dead connection has no error. */
const CALL_MILLIS = 30_000;

/** The positions of lines. */
function positions({ start, count }: Lines): number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}

/**
 * Loads rows of a table as it is, or of a view of it: after the file was read again, each call fails with TABLE_CHANGED.
 * `viewId`: empty for the table itself.
 */
export function loadRowsOf(fileId: string, { number, etag }: Table, viewId: string): LoadRows {
  return async (rows, cols, signal) => {
    const request = {
      fileId,
      table: number,
      first: BigInt(rows.start),
      count: rows.count,
      columns: positions(cols),
      etag,
      viewId,
    };
    const answer = await tables.readTableRows(request, { signal, timeoutMs: CALL_MILLIS });
    // Empty values at the end of a row are left out.
    const cells = answer.rows.map(({ values }) =>
      Array.from({ length: cols.count }, (_, i): CellValue => plainValue(values[i])),
    );
    return { cells, positions: answer.positions.map(Number) };
  };
}

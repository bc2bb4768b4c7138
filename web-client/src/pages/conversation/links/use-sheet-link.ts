// Asks the server what a link leads to: the sheet's name, the column's, and where the row is now.
import { Code } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { hasCode } from "../../../api/errors.ts";
import { SheetService } from "../../../gen/gridloom/v1/sheets_pb.ts";
import type { Found, SheetLink } from "./sheet-link.ts";

const { getSheet, locateRows } = SheetService.method;
/** How long an answer is used again, for all links of the page. */
const FRESH_MILLIS = 60_000;

export function useSheetLink({ sheetId, cell }: SheetLink): Found {
  const { data, error } = useQuery(getSheet, { sheetId }, { staleTime: FRESH_MILLIS });
  const rowIds = cell === undefined ? [] : [cell.rowId];
  const isThere = data?.sheet !== undefined && data.sheet.deletedMicros === 0n;
  const located = useQuery(
    locateRows,
    { sheetId, rowIds },
    { staleTime: FRESH_MILLIS, enabled: isThere && cell !== undefined },
  );
  const row = located.data === undefined ? undefined : (located.data.rows[0]?.position ?? null);
  const isClosed = hasCode(error, Code.NotFound) || hasCode(error, Code.PermissionDenied);
  return { sheet: data?.sheet, row, isClosed };
}

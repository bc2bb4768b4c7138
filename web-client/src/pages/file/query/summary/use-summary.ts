// Counts the values of a column among the rows that match.
import { Code } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { useEffect, useMemo } from "react";
import { hasCode, isNetworkError } from "../../../../api/errors.ts";
import { type Table, TableService } from "../../../../gen/gridloom/v1/tables_pb.ts";
import type { Condition } from "../query.ts";
import { renewRows } from "../view/renew-rows.ts";
import { columnRef, filterOf } from "../view/requests.ts";

/** Values that are listed. */
const VALUES = 30;
const RETRIES = 2;

/** A count that takes too long takes as long the next time. */
function isRepeated(failures: number, error: Error): boolean {
  return failures < RETRIES && (isNetworkError(error) || hasCode(error, Code.Unavailable));
}

export function useSummary(
  fileId: string,
  { number, etag }: Table,
  col: number,
  conditions: readonly Condition[],
) {
  const request = useMemo(() => {
    const filter = filterOf(conditions);
    const column = columnRef(col);
    return { fileId, table: number, column, values: VALUES, etag, ...(filter && { filter }) };
  }, [fileId, number, etag, col, conditions]);
  const staleTime = Number.POSITIVE_INFINITY;
  const options = { staleTime, retry: isRepeated };
  const counted = useQuery(TableService.method.summarizeColumn, request, options);
  const { error } = counted;
  useEffect(() => {
    if (error !== null) renewRows(error);
  }, [error]);
  return counted;
}

// Loads the changes of a sheet, newest first: further pages on request, and new changes as they happen.
import {
  callUnaryMethod,
  createConnectQueryKey,
  useInfiniteQuery,
  useTransport,
} from "@connectrpc/connect-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { queries } from "../../api/queries.ts";
import type { ChangeRecord } from "../../gen/gridloom/v1/history_pb.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { type ChangePages, withNewest } from "./change-pages.ts";

const { listChanges } = SheetService.method;
const PAGE_SIZE = 50;
/** The shortest time between two requests for the newest changes. */
const REFRESH_MILLIS = 1_000;

export interface History extends Pages {
  changes: readonly ChangeRecord[];
}

/** Adds the newest changes to the list, at most once in a while after any change of the sheet. */
function useNewest(id: string, sheet: LiveSheet): [failure: unknown, refresh: () => void] {
  const transport = useTransport();
  const [failure, setFailure] = useState<unknown>();
  const refresh = useCallback(() => {
    const input = { sheetId: id };
    const queryKey = createConnectQueryKey({ schema: listChanges, input, cardinality: "infinite" });
    callUnaryMethod(transport, listChanges, { ...input, pageSize: PAGE_SIZE }).then((newest) => {
      setFailure(undefined);
      const join = (loaded: ChangePages | undefined) => loaded && withNewest(loaded, newest);
      queries.setQueriesData<ChangePages>({ queryKey }, join);
    }, setFailure);
  }, [transport, id]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Any visible change may be a new revision; one request covers many of them.
    const unsubscribe = sheet.version.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh();
      }, REFRESH_MILLIS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [sheet, refresh]);
  return [failure, refresh];
}

export function useHistory(id: string, sheet: LiveSheet): History {
  const [failure, refresh] = useNewest(id, sheet);
  const list = useInfiniteQuery(
    listChanges,
    { sheetId: id, pageSize: PAGE_SIZE, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      // The sheet reports its changes, and a panel that opens again begins with one page.
      refetchOnWindowFocus: false,
      gcTime: 0,
    },
  );
  const problem = list.error ?? failure;
  const pages = list.data?.pages;
  const changes = useMemo(() => pages?.flatMap(({ changes }) => changes) ?? [], [pages]);
  return {
    changes,
    loading: list.isPending,
    problem: problem === undefined ? undefined : errorText(problem),
    hasMore: list.hasNextPage,
    // An older page replaces the list as it was at the request: newer changes are added again.
    loadMore: () => void list.fetchNextPage().then(refresh),
    reload: () => {
      if (list.data === undefined) void list.refetch();
      else refresh();
    },
  };
}

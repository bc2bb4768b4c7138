// Loads the threads of the account: further pages on request, and what is written as it arrives.
import {
  callUnaryMethod,
  createConnectQueryKey,
  useInfiniteQuery,
  useTransport,
} from "@connectrpc/connect-query";
import { useCallback, useEffect } from "react";
import { errorText } from "../../api/errors.ts";
import { queries } from "../../api/queries.ts";
import { ChatService, type Thread } from "../../gen/gridloom/v1/chat_pb.ts";
import { changesAccess } from "../../live/inbox/access.ts";
import { inbox } from "../../live/inbox/inbox.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { type ThreadPages, withNewest } from "./thread-pages.ts";

const { listThreads } = ChatService.method;
const LISTS = createConnectQueryKey({ schema: listThreads, cardinality: "infinite" });
/** The shortest time between two reads of the newest threads. */
const REFRESH_MILLIS = 500;

export interface Threads extends Pages {
  threads: readonly Thread[];
}

/** Reads the newest threads again after any event, at most once in a while. */
function useNewest(): void {
  const transport = useTransport();
  const refresh = useCallback(() => {
    callUnaryMethod(transport, listThreads, {}).then(
      (newest) => {
        const join = (loaded: ThreadPages | undefined) => loaded && withNewest(loaded, newest);
        queries.setQueriesData<ThreadPages>({ queryKey: LISTS }, join);
      },
      // The next event reads again, and so does a connection that is back.
      () => undefined,
    );
  }, [transport]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh();
      }, REFRESH_MILLIS);
    };
    const stops = [
      inbox.onEvent((answer) => {
        const { event } = answer;
        // A thread that is gone may stand on any page.
        if (changesAccess(answer)) void queries.invalidateQueries({ queryKey: LISTS });
        else if (event.case === "message" || event.case === "notice") soon();
      }),
      inbox.onAgain(soon),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [refresh]);
}

export function useThreads(): Threads {
  useNewest();
  const list = useInfiniteQuery(
    listThreads,
    { pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
    },
  );
  return {
    threads: list.data?.pages.flatMap(({ threads }) => threads) ?? [],
    loading: list.isPending,
    problem: list.error === null ? undefined : errorText(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

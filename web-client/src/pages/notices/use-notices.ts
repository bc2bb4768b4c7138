// Loads the notices, the newest first: further pages on request, and new ones as they arrive.
import { useInfiniteQuery, useMutation } from "@connectrpc/connect-query";
import { useCallback, useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { useStore } from "../../base/store.ts";
import { type Notice, NoticeService } from "../../gen/gridloom/v1/notices_pb.ts";
import { changesAccess, withoutEnded } from "../../live/inbox/access.ts";
import { inbox } from "../../live/inbox/inbox.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { showToast } from "../../ui/toasts.ts";

export interface Notices extends Pages {
  notices: readonly Notice[];
  /** The number of pages that are loaded; each may be shorter than requested. */
  pages: number;
  isUnread: (notice: Notice) => boolean;
  unread: number;
  /** Marks all notices up to one as read. */
  markRead: (through: bigint) => void;
  isMarking: boolean;
}

/** Notices that have arrived since the component is there; `again` is called when there may be others. */
function useArrived(again: () => void): readonly Notice[] {
  const [arrived, setArrived] = useState<readonly Notice[]>([]);
  useEffect(() => {
    const stops = [
      inbox.onEvent((answer) => {
        const { event } = answer;
        if (changesAccess(answer)) {
          setArrived((earlier) => withoutEnded(earlier, answer));
          again();
        }
        if (event.case === "notice") setArrived((earlier) => [event.value, ...earlier]);
      }),
      inbox.onAgain(() => {
        setArrived([]);
        again();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [again]);
  return arrived;
}

/** Both lists without repetition, the newest first. */
export function joinedNotices(
  arrived: readonly Notice[],
  loaded: readonly Notice[],
): readonly Notice[] {
  const numbers = new Set(loaded.map(({ number }) => number));
  return [...arrived.filter(({ number }) => !numbers.has(number)), ...loaded].sort((a, b) =>
    a.number < b.number ? 1 : -1,
  );
}

export function useNotices(): Notices {
  const list = useInfiniteQuery(
    NoticeService.method.listNotices,
    { pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      // The stream reports what is new, and a list that opens again begins with one page.
      refetchOnWindowFocus: false,
      gcTime: 0,
    },
  );
  const { refetch, data } = list;
  const again = useCallback(() => void refetch(), [refetch]);
  const arrived = useArrived(again);
  const read = useStore(inbox.noticesRead);
  const unread = useStore(inbox.unreadNotices);
  const marking = useMutation(NoticeService.method.markNoticesRead, {
    onError: (error) => showToast("error", errorText(error)),
  });
  return {
    notices: joinedNotices(arrived, data?.pages.flatMap(({ notices }) => notices) ?? []),
    pages: data?.pages.length ?? 0,
    isUnread: ({ number }) => number > read,
    unread,
    markRead: (through) => marking.mutate({ through }),
    isMarking: marking.isPending,
    loading: list.isPending,
    problem: list.error === null ? undefined : errorText(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => {
      if (!list.isFetchingNextPage) void list.fetchNextPage();
    },
    reload: again,
  };
}

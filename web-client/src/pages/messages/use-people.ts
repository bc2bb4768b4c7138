// Finds people by the first characters of a name or an address, page by page.
import { useInfiniteQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { PeopleService, type Person } from "../../gen/gridloom/v1/people_pb.ts";
import type { Pages } from "../../ui/PagedList.tsx";

/** The pause in typing before people are searched for. */
const TYPING_MILLIS = 180;

function usePause(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

export interface People extends Pages {
  people: readonly Person[];
  /** There may be more people than the search has looked at. */
  leftOut: boolean;
}

/** `own`: the account of this page, which is no result. */
export function usePeople(query: string, own: string): People {
  const list = useInfiniteQuery(
    PeopleService.method.searchPeople,
    { query: usePause(query).trim(), pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      placeholderData: keepPreviousData,
    },
  );
  const people = list.data?.pages.flatMap(({ people }) => people) ?? [];
  return {
    people: people.filter(({ accountId }) => accountId !== own),
    leftOut: list.data?.pages.at(-1)?.peopleLeftOut ?? false,
    loading: list.isPending,
    problem: list.error === null ? undefined : errorText(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

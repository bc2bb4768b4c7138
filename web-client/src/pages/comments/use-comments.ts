// Loads the comments of a sheet, page by page, and again when one changes or lines of the sheet are moved or deleted.
import { useInfiniteQuery, useQuery } from "@connectrpc/connect-query";
import { useEffect, useRef } from "react";
import { errorText } from "../../api/errors.ts";
import { type Comment, CommentService } from "../../gen/gridloom/v1/comments_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { onCommentChange, reloadComments } from "./calls.ts";

const { listComments } = CommentService.method;
const PAGE_SIZE = 50;
/** Pages that load without a scroll, so that most sheets show all comments in the order of their cells. */
const FIRST_PAGES = 4;
/** The shortest time between two requests for the same list. */
const RELOAD_MILLIS = 1_000;

/** Loads lists of comments again, at most once in a while, when comments or the lines of the sheet change. */
export function useCommentChanges(id: string, sheet: LiveSheet): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let shape = sheet.layout.get();
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        reloadComments();
      }, RELOAD_MILLIS);
    };
    const stopChanges = onCommentChange(id, soon);
    const stopLayout = sheet.layout.subscribe(() => {
      const { rowCount, columns } = sheet.layout.get();
      if (rowCount !== shape.rowCount || columns !== shape.columns) soon();
      shape = sheet.layout.get();
    });
    return () => {
      clearTimeout(timer);
      stopChanges();
      stopLayout();
    };
  }, [id, sheet]);
}

export interface Comments extends Pages {
  comments: readonly Comment[];
}

/** `resolved`: resolved ones, too. */
export function useComments(id: string, resolved: boolean): Comments {
  const list = useInfiniteQuery(
    listComments,
    { sheetId: id, resolved, pageSize: PAGE_SIZE, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      refetchOnWindowFocus: false,
      gcTime: 0,
    },
  );
  const pages = list.data?.pages.length ?? 0;
  const load = useRef(list.fetchNextPage);
  load.current = list.fetchNextPage;
  const more = list.hasNextPage && !list.isFetching && list.error === null;
  useEffect(() => {
    if (more && pages < FIRST_PAGES) void load.current();
  }, [more, pages]);
  return {
    comments: list.data?.pages.flatMap(({ comments }) => comments) ?? [],
    loading: list.isPending,
    problem: list.error === null ? undefined : errorText(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => {
      if (!list.isFetching) void list.fetchNextPage();
    },
    reload: () => void list.refetch(),
  };
}

export interface OneComment {
  comment: Comment | undefined;
  loading: boolean;
  problem: string | undefined;
  reload: () => void;
}

/** One comment, open or resolved. */
export function useComment(id: string, threadId: string): OneComment {
  const found = useQuery(listComments, { sheetId: id, threadId });
  return {
    comment: found.data?.comments[0],
    loading: found.isPending,
    problem: found.error === null ? undefined : errorText(found.error),
    reload: () => void found.refetch(),
  };
}

/** The open comments on the cells of a row. */
export function useRowComments(id: string, rowId: bigint): readonly Comment[] | undefined {
  const found = useQuery(listComments, { sheetId: id, rowIds: [rowId], pageSize: PAGE_SIZE });
  return found.data?.comments;
}

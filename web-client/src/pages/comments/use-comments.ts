// Loads the comments of a sheet, page by page, and again when one changes or lines of the sheet are moved or deleted.
import { useInfiniteQuery, useQuery } from "@connectrpc/connect-query";
import { useEffect, useRef } from "react";
import { errorText } from "../../api/errors.ts";
import { type Comment, CommentService } from "../../gen/gridloom/v1/comments_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { onCommentChange, reloadComments } from "./calls.ts";

const { listComments } = CommentService.method;
/** Comments that load without a scroll, so that most sheets show all of them in the order of their cells. */
const FIRST = 200;
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
    const stopComments = sheet.comments.subscribe(soon);
    const stopLayout = sheet.layout.subscribe(() => {
      const { rowCount, columns } = sheet.layout.get();
      if (rowCount !== shape.rowCount || columns !== shape.columns) soon();
      shape = sheet.layout.get();
    });
    return () => {
      clearTimeout(timer);
      stopChanges();
      stopComments();
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
    { sheetId: id, resolved, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      refetchOnWindowFocus: false,
      gcTime: 0,
    },
  );
  const comments = list.data?.pages.flatMap(({ comments }) => comments) ?? [];
  const { length } = comments;
  const load = useRef(list.fetchNextPage);
  load.current = list.fetchNextPage;
  const more = list.hasNextPage && !list.isFetching && list.error === null;
  useEffect(() => {
    if (more && length < FIRST) void load.current();
  }, [more, length]);
  return {
    comments,
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

/** Comments of a cell that are loaded at once. */
const CELL_PAGE = 50;

export interface CellComments {
  comments: readonly Comment[];
  loading: boolean;
  problem: string | undefined;
  reload: () => void;
}

/** The open comments on a cell. */
export function useCellComments(id: string, rowId: bigint, columnId: string): CellComments {
  const found = useQuery(listComments, {
    sheetId: id,
    rowIds: [rowId],
    columnId,
    pageSize: CELL_PAGE,
  });
  return {
    comments: found.data?.comments ?? [],
    loading: found.isPending,
    problem: found.error === null ? undefined : errorText(found.error),
    reload: () => void found.refetch(),
  };
}

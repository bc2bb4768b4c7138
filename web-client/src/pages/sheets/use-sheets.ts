// Loads the list of sheets: further pages on request, a filter, and changes that show immediately.
import { useInfiniteQuery, useMutation } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { navigate, sheetPath } from "../../base/router.ts";
import { SharingService } from "../../gen/gridloom/v1/sharing_pb.ts";
import { type Sheet, SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { showToast } from "../../ui/toasts.ts";
import { changeLists, reloadLists } from "../shared/sheet-lists.ts";

const { createSheet, deleteSheet, listSheets, undeleteSheet, updateSheet } = SheetService.method;
const PAGE_SIZE = 50;
/** The pause in typing before the list is requested. */
const TYPING_MILLIS = 180;

export interface SheetList extends Pages {
  sheets: readonly Sheet[];
  create: (name: string) => void;
  rename: (sheet: Sheet, name: string) => void;
  remove: (sheet: Sheet) => void;
  leave: (sheet: Sheet) => void;
}

/** The filter after a pause in typing. */
function usePause(filter: string): string {
  const [paused, setPaused] = useState(filter);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(filter), TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [filter]);
  return filter === "" ? "" : paused;
}

/** For changes of the list: an error is shown, and the list loads again in any case. */
const SETTLED = {
  onError: (error: unknown) => showToast("error", errorText(error)),
  onSettled: reloadLists,
};

function useChanges(): Pick<SheetList, "create" | "rename" | "remove" | "leave"> {
  const creating = useMutation(createSheet, {
    ...SETTLED,
    onSuccess: ({ sheet }) => sheet && navigate(sheetPath(sheet.id)),
  });
  const renaming = useMutation(updateSheet, SETTLED);
  const deleting = useMutation(deleteSheet, SETTLED);
  const leaving = useMutation(SharingService.method.leaveSheet, SETTLED);
  const restoring = useMutation(undeleteSheet, SETTLED);
  return {
    create: (name) => creating.mutate({ name }),
    rename: (sheet, name) => {
      changeLists((all) =>
        all.map((other) => (other.id === sheet.id ? { ...other, name } : other)),
      );
      renaming.mutate({ sheetId: sheet.id, name, etag: sheet.etag });
    },
    remove: (sheet) => {
      changeLists((all) => all.filter((other) => other.id !== sheet.id));
      const run = () => restoring.mutate({ sheetId: sheet.id });
      const deleted = () =>
        showToast("info", `“${sheet.name}” was deleted.`, { label: "Undo", run });
      // A promise, because the person may leave the page before the answer. SETTLED shows an error.
      deleting.mutateAsync({ sheetId: sheet.id }).then(deleted, () => undefined);
    },
    leave: (sheet) => {
      changeLists((all) => all.filter((other) => other.id !== sheet.id));
      leaving.mutate({ sheetId: sheet.id });
    },
  };
}

export function useSheets(filter: string): SheetList {
  const list = useInfiniteQuery(
    listSheets,
    { pageSize: PAGE_SIZE, pageToken: "", filter: usePause(filter) },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      placeholderData: keepPreviousData,
    },
  );
  return {
    ...useChanges(),
    sheets: list.data?.pages.flatMap(({ sheets }) => sheets) ?? [],
    loading: list.isPending,
    problem: list.error === null ? undefined : errorText(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

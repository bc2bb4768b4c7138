// Loads the list of files: further pages on request, a filter, an order, and changes that show immediately.
import { useInfiniteQuery, useMutation } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type File, FileService } from "../../gen/gridloom/v1/files_pb.ts";
import type { Pages } from "../../ui/PagedList.tsx";
import { showToast } from "../../ui/toasts.ts";
import { changeFiles, reloadFiles } from "./file-lists.ts";
import { fileProblem } from "./problems/file-problem.ts";
import { type Scope, scopeValue } from "./share/file-roles.ts";
import type { Sorting } from "./sorting.ts";
import { transfers } from "./transfers/own-transfers.ts";

const { leaveFile, listFiles, removeFile, renameFile, restoreFile } = FileService.method;
const PAGE_SIZE = 50;
/** The pause in typing before the list is requested. */
const TYPING_MILLIS = 180;

export interface FileChanges {
  rename: (file: File, name: string) => void;
  remove: (file: File) => void;
  restore: (file: File) => void;
  deleteForGood: (file: File) => void;
  leave: (file: File) => void;
}

export interface FileList extends Pages {
  files: readonly File[];
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
  onError: (error: unknown) => showToast("error", fileProblem(error)),
  onSettled: reloadFiles,
};

function without({ id }: File): void {
  changeFiles((all) => all.filter((other) => other.id !== id));
}

export function useFileChanges(): FileChanges {
  const renaming = useMutation(renameFile, SETTLED);
  const removing = useMutation(removeFile, SETTLED);
  const restoring = useMutation(restoreFile, SETTLED);
  const leaving = useMutation(leaveFile, SETTLED);
  return {
    rename: (file, name) => {
      changeFiles((all) => all.map((other) => (other.id === file.id ? { ...other, name } : other)));
      renaming.mutate({ fileId: file.id, name, etag: file.etag });
    },
    remove: (file) => {
      without(file);
      const run = () => restoring.mutate({ fileId: file.id });
      const removed = () => {
        transfers.forget(file.id);
        showToast("info", `“${file.name}” was removed.`, { label: "Undo", run });
      };
      // A promise, because the person may leave the page before the answer. SETTLED shows an error.
      removing.mutateAsync({ fileId: file.id }).then(removed, () => undefined);
    },
    restore: (file) => {
      without(file);
      const restored = () => showToast("info", `“${file.name}” was restored.`);
      restoring.mutateAsync({ fileId: file.id }).then(restored, () => undefined);
    },
    deleteForGood: (file) => {
      without(file);
      removing.mutate({ fileId: file.id, forGood: true });
    },
    leave: (file) => {
      without(file);
      leaving.mutate({ fileId: file.id });
    },
  };
}

export function useFiles(
  filter: string,
  { order, descending }: Sorting,
  removed: boolean,
  scope: Scope,
): FileList {
  const list = useInfiniteQuery(
    listFiles,
    {
      pageSize: PAGE_SIZE,
      pageToken: "",
      filter: usePause(filter),
      order,
      descending,
      removed,
      scope: scopeValue(scope),
    },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      placeholderData: keepPreviousData,
    },
  );
  return {
    files: list.data?.pages.flatMap(({ files }) => files) ?? [],
    loading: list.isPending,
    problem: list.error === null ? undefined : fileProblem(list.error),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    reload: () => void list.refetch(),
  };
}

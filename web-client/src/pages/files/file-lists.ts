// The cached answers about files: the lists, single files, the uploads under way, and what all of them occupy.
import { createConnectQueryKey } from "@connectrpc/connect-query";
import type { InfiniteData } from "@tanstack/react-query";
import { queries } from "../../api/queries.ts";
import { type File, FileService, type ListFilesResponse } from "../../gen/gridloom/v1/files_pb.ts";

const { getFile, getFileUsage, listFiles, listUploads } = FileService.method;
const LISTS = createConnectQueryKey({ schema: listFiles, cardinality: "infinite" });
const KEYS = [
  LISTS,
  createConnectQueryKey({ schema: getFile, cardinality: "finite" }),
  createConnectQueryKey({ schema: getFileUsage, cardinality: "finite" }),
  createConnectQueryKey({ schema: listUploads, cardinality: "finite" }),
];

/** Many small files end their uploads in one moment. */
const SOON_MILLIS = 500;

type Pages = InfiniteData<ListFilesResponse>;

/** Loads all again that a page shows; the others when they are shown. */
export function reloadFiles(): void {
  for (const queryKey of KEYS) void queries.invalidateQueries({ queryKey });
}

let isSoon = false;

/** Loads all again in a moment, once for all that happens until then. */
export function reloadFilesSoon(): void {
  if (isSoon) return;
  isSoon = true;
  setTimeout(() => {
    isSoon = false;
    reloadFiles();
  }, SOON_MILLIS);
}

/** Shows a change in all lists before the server has confirmed it. */
export function changeFiles(change: (files: readonly File[]) => File[]): void {
  // An answer that is on its way does not know the change yet.
  void queries.cancelQueries({ queryKey: LISTS });
  const changed = (page: ListFilesResponse) => ({ ...page, files: change(page.files) });
  queries.setQueriesData<Pages>(
    { queryKey: LISTS },
    (old) => old && { ...old, pages: old.pages.map(changed) },
  );
}

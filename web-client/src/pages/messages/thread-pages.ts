// Joins the threads that were written last with the pages that are already loaded.
import type { InfiniteData } from "@tanstack/react-query";
import type { ListThreadsResponse } from "../../gen/gridloom/v1/chat_pb.ts";

export type ThreadPages = InfiniteData<ListThreadsResponse>;

/**
 * One page with the newest threads and the loaded ones after them. Without a thread in both, others may be missing in
 * between: then the newest page alone.
 */
export function withNewest(loaded: ThreadPages, newest: ListThreadsResponse): ThreadPages {
  const [first] = loaded.pageParams;
  const known = loaded.pages.flatMap(({ threads }) => threads);
  const ids = new Set(newest.threads.map(({ id }) => id));
  const older = known.filter(({ id }) => !ids.has(id));
  const overlaps = older.length < known.length;
  if (newest.nextPageToken === "" || !overlaps) return { pages: [newest], pageParams: [first] };
  const nextPageToken = older.length === 0 ? newest.nextPageToken : lastToken(loaded);
  const page = { ...newest, threads: [...newest.threads, ...older], nextPageToken };
  return { pages: [page], pageParams: [first] };
}

function lastToken({ pages }: ThreadPages): string {
  return pages.at(-1)?.nextPageToken ?? "";
}

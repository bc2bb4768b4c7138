// Joins the newest changes of a sheet with the pages that are already loaded.
import type { InfiniteData } from "@tanstack/react-query";
import type { ChangeRecord, ListChangesResponse } from "../../gen/gridloom/v1/history_pb.ts";

export type ChangePages = InfiniteData<ListChangesResponse>;

/** The changes of `known` that continue `newest` without a gap; none if there is a gap. */
function olderThan(
  newest: readonly ChangeRecord[],
  known: readonly ChangeRecord[],
): readonly ChangeRecord[] {
  const last = newest.at(-1)?.revision;
  const first = known.at(0)?.revision;
  if (last === undefined || first === undefined || last > first + 1n) return [];
  return known.filter(({ revision }) => revision < last);
}

/** One page with the newest changes, and with the loaded ones unless there is a gap between them. */
export function withNewest(loaded: ChangePages, newest: ListChangesResponse): ChangePages {
  const older = olderThan(
    newest.changes,
    loaded.pages.flatMap(({ changes }) => changes),
  );
  const [first] = loaded.pageParams;
  if (older.length === 0) return { pages: [newest], pageParams: [first] };
  // The loaded pages stay, and so does the token of the next one.
  const nextPageToken = loaded.pages.at(-1)?.nextPageToken ?? "";
  const page = { ...newest, changes: [...newest.changes, ...older], nextPageToken };
  return { pages: [page], pageParams: [first] };
}

// The calls of comments, and the cached answers that a change of a comment makes old.
//
// What it is not: a part of the first page, as its stubs are large. Only parts that load later import it.
import { createClient } from "@connectrpc/connect";
import { createConnectQueryKey } from "@connectrpc/connect-query";
import { queries } from "../../api/queries.ts";
import { transport } from "../../api/transport.ts";
import { ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import { CommentService } from "../../gen/gridloom/v1/comments_pb.ts";
import type { NoticeServiceWatchResponse, ThreadPlace } from "../../gen/gridloom/v1/notices_pb.ts";
import { inbox } from "../../live/inbox/inbox.ts";

export const comments = createClient(CommentService, transport);

const LISTS = [
  createConnectQueryKey({ schema: CommentService.method.listComments, cardinality: "infinite" }),
  createConnectQueryKey({ schema: CommentService.method.listComments, cardinality: "finite" }),
];

/** Loads the lists of comments that are shown again; others load when they are shown. */
export function reloadComments(): void {
  for (const queryKey of LISTS) void queries.invalidateQueries({ queryKey });
}

function placeOf({ event }: NoticeServiceWatchResponse): ThreadPlace | undefined {
  switch (event.case) {
    case "message":
    case "notice":
      return event.value.place;
    case "thread":
      return event.value;
    default:
      return undefined;
  }
}

type OnChange = (sheetId: string, rowId: bigint | undefined) => void;

const listeners = new Set<OnChange>();

/** Reports an own change of a comment at once; the notice of it comes later. */
export function commentChanged(sheetId: string, rowId: bigint): void {
  for (const listener of listeners) listener(sheetId, rowId);
  reloadComments();
}

/** Calls back with the row of each comment of a sheet that has changed; undefined: any may have changed. */
export function onCommentChange(
  sheetId: string,
  then: (rowId: bigint | undefined) => void,
): () => void {
  const stopEvents = inbox.onEvent((answer) => {
    const place = placeOf(answer);
    if (place?.kind === ThreadKind.COMMENT && place.sheetId === sheetId) then(place.rowId);
  });
  const stopAgain = inbox.onAgain(() => then(undefined));
  const onChange: OnChange = (changed, rowId) => {
    if (changed === sheetId) then(rowId);
  };
  listeners.add(onChange);
  return () => {
    listeners.delete(onChange);
    stopEvents();
    stopAgain();
  };
}

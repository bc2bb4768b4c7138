// Which events change what an account can read: lists that were read before then have too much or too little.
import {
  type Notice,
  NoticeKind,
  type NoticeServiceWatchResponse,
} from "../../gen/gridloom/v1/notices_pb.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";

/** Whether an event is about a role that was given, changed or ended, or about a comment that was deleted. */
export function changesAccess({ event }: NoticeServiceWatchResponse): boolean {
  if (event.case === "thread") return event.value.deleted;
  if (event.case !== "notice") return false;
  const { kind } = event.value;
  return kind === NoticeKind.SHARE || kind === NoticeKind.ROLE;
}

/** The notices that are left after an event: those of a comment that it deletes, or of a sheet or a file that it ends, are not. */
export function withoutEnded(
  notices: readonly Notice[],
  { event }: NoticeServiceWatchResponse,
): readonly Notice[] {
  if (event.case === "thread" && event.value.deleted)
    return notices.filter(({ place }) => place?.threadId !== event.value.threadId);
  if (event.case !== "notice") return notices;
  const { kind, role, sheetId, fileId } = event.value;
  if (kind !== NoticeKind.ROLE || role !== Role.UNSPECIFIED) return notices;
  if (fileId !== "") return notices.filter((notice) => notice.fileId !== fileId);
  return notices.filter((notice) => notice.sheetId !== sheetId);
}

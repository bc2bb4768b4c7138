// Which events of an account concern a thread.

import type { Target } from "../../../api/target.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { ThreadKind } from "../../../gen/gridloom/v1/chat_pb.ts";
import type {
  NoticeServiceWatchResponse,
  ThreadPlace,
} from "../../../gen/gridloom/v1/notices_pb.ts";

/** A message with the place of its thread. */
export interface PlacedMessage {
  message: Message;
  place: ThreadPlace;
}

/** The message that an event is about; undefined for other events. */
export function messageOf({ event }: NoticeServiceWatchResponse): PlacedMessage | undefined {
  if (event.case !== "message" && event.case !== "notice") return undefined;
  const { message, place } = event.value;
  return message === undefined || place === undefined ? undefined : { message, place };
}

/**
 * Whether a message is of the thread. `threadId`: empty while the thread has no message that is known here. maybe: the
 * account has written to a person on another device, and the event does not name that person.
 */
export function belongs(
  { message, place }: PlacedMessage,
  target: Target,
  threadId: string,
): "yes" | "no" | "maybe" {
  if (threadId !== "") return place.threadId === threadId ? "yes" : "no";
  if (target.kind === "sheet")
    return place.kind === ThreadKind.SHEET && place.sheetId === target.sheetId ? "yes" : "no";
  if (target.kind === "thread" || place.kind !== ThreadKind.PERSONS) return "no";
  return message.authorId === target.personId ? "yes" : "maybe";
}

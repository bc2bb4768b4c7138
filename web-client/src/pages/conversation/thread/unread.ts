// Which messages of a thread are unread, and where the line before them stands.
//
// Invariant: own messages are never unread.
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";

/** The last message of another person after a number; 0: none. */
export function lastOfOthers(messages: readonly Message[], own: string, after: bigint): bigint {
  const last = messages.findLast(({ authorId, number }) => authorId !== own && number > after);
  return last?.number ?? 0n;
}

/** The number of messages of others after a number. */
export function unreadAfter(messages: readonly Message[], own: string, after: bigint): number {
  const unread = ({ authorId, number }: Message) => authorId !== own && number > after;
  return messages.filter(unread).length;
}

/** The first message of another person after a number: the line stands before it. */
export function firstUnread(
  messages: readonly Message[],
  own: string,
  after: bigint,
): bigint | undefined {
  return messages.find(({ authorId, number }) => authorId !== own && number > after)?.number;
}

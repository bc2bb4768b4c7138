// The loaded messages of a thread: the newest ones, without a gap, in the order of their numbers.
//
// Invariant: each number stands once, with the newest state that was received, whatever comes first: the answer to a
// call or the event about it.
import type { ListMessagesResponse, Message } from "../../../gen/gridloom/v1/chat_pb.ts";

export interface Loaded {
  /** Ascending by number; each number follows the one before. */
  messages: readonly Message[];
  /** The token of the page before the first message; empty when the thread begins with it. */
  older: string;
}

export const NOTHING: Loaded = { messages: [], older: "" };

/** The time of the last change of a message. A deletion comes after all edits. */
function changed({ editedMicros, deletedMicros }: Message): bigint {
  return deletedMicros === 0n ? editedMicros : deletedMicros;
}

function newer(known: Message, received: Message): Message {
  return changed(received) >= changed(known) ? received : known;
}

export function lastNumber({ messages }: Loaded): bigint {
  return messages.at(-1)?.number ?? 0n;
}

function joined(older: readonly Message[], later: readonly Message[]): Message[] {
  const known = new Map(older.map((message) => [message.number, message]));
  const merged = later.map((message) => {
    const other = known.get(message.number);
    return other === undefined ? message : newer(other, message);
  });
  const first = later[0]?.number;
  return [...older.filter(({ number }) => first === undefined || number < first), ...merged];
}

/** The newest page joins the loaded messages, or replaces them if there is a gap between. */
export function withNewest(loaded: Loaded, page: ListMessagesResponse): Loaded {
  const newest = page.messages.toReversed();
  const first = newest[0]?.number;
  const fresh = { messages: newest, older: page.nextPageToken };
  if (first === undefined || loaded.messages.length === 0 || first > lastNumber(loaded) + 1n)
    return fresh;
  const messages = joined(loaded.messages, newest);
  // An event may have come before the answer, with a number that the page does not have.
  const beyond = loaded.messages.filter(({ number }) => number > (newest.at(-1)?.number ?? 0n));
  const reaches = (loaded.messages[0]?.number ?? first) < first;
  return { messages: [...messages, ...beyond], older: reaches ? loaded.older : fresh.older };
}

/** A page of older messages, which was requested with the token `older`. */
export function withOlder(loaded: Loaded, page: ListMessagesResponse, older: string): Loaded {
  if (loaded.older !== older) return loaded;
  const messages = joined(page.messages.toReversed(), loaded.messages);
  return { messages, older: page.nextPageToken };
}

/** A message that is new or has changed. `gap`: messages before it are missing, and the newest page has them. */
export function withMessage(loaded: Loaded, message: Message): { loaded: Loaded; gap: boolean } {
  const { messages, older } = loaded;
  const last = lastNumber(loaded);
  if (message.number > last + 1n) return { loaded, gap: true };
  if (message.number === last + 1n)
    return { loaded: { messages: [...messages, message], older }, gap: false };
  const at = messages.findIndex(({ number }) => number === message.number);
  const known = messages[at];
  // Messages before the loaded ones are read when they are shown.
  if (known === undefined) return { loaded, gap: false };
  return { loaded: { messages: messages.with(at, newer(known, message)), older }, gap: false };
}

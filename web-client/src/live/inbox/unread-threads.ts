// The threads of persons and sheets with unread messages, kept by the events of the stream.
//
// What it is not: the list of threads (ListThreads). Comments are not counted: their notices are.
// Invariant: an edit of a message that is known makes no thread unread.
import type { Message, Thread } from "../../gen/gridloom/v1/chat_pb.ts";

/** The most threads that are remembered; those that were written last stay. */
export const THREADS_MOST = 500;

interface State {
  /** The number of the last message that is read. */
  read: bigint;
  /** The number of the last message. */
  last: bigint;
  unread: number;
}

export class UnreadThreads {
  #states = new Map<string, State>();

  /** Messages of others that are unread, by thread. */
  get counts(): ReadonlyMap<string, number> {
    const unread = [...this.#states].filter(([, state]) => state.unread > 0);
    return new Map(unread.map(([id, state]) => [id, state.unread]));
  }

  /** The server's list, the last written thread first. */
  begin(threads: readonly Thread[]): void {
    this.#states = new Map();
    for (const { id, read, unread, lastMessage } of threads.toReversed())
      this.#set(id, { read, unread, last: lastMessage?.number ?? 0n });
  }

  /** A message is new, edited or deleted. False when only the server's list shows whether it is unread. */
  receive(message: Message, ownId: string): boolean {
    const { threadId, number, authorId } = message;
    const state = this.#states.get(threadId);
    const isChanged = message.editedMicros !== 0n || message.deletedMicros !== 0n;
    if (state === undefined && isChanged) return false;
    const { read, last, unread } = state ?? { read: 0n, last: 0n, unread: 0 };
    if (number <= last) return state === undefined || message.deletedMicros === 0n || unread === 0;
    const adds = authorId !== ownId && number > read && message.deletedMicros === 0n;
    this.#set(threadId, { read, last: number, unread: unread + (adds ? 1 : 0) });
    return true;
  }

  /** A thread is read up to a message. */
  read(id: string, through: bigint, unread: number): void {
    const last = this.#states.get(id)?.last ?? through;
    this.#set(id, { read: through, last: last > through ? last : through, unread });
  }

  /** The newest is last. */
  #set(id: string, state: State): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    const [oldest] = this.#states.keys();
    if (this.#states.size > THREADS_MOST && oldest !== undefined) this.#states.delete(oldest);
  }
}

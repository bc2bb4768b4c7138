// Messages that are not sent, in the list of conversations: at their conversation, or above where the list has none of it.
import { pathOf, targetFrom } from "../../api/message-paths.ts";
import { keyOf, type Target } from "../../api/target.ts";
import type { Thread } from "../../gen/gridloom/v1/chat_pb.ts";
import type { UnsentThread } from "../../live/drafts/unsent-messages.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { targetOf } from "./thread-text.ts";
import type { Threads } from "./use-threads.ts";

type UnsentThreads = ReadonlyMap<string, UnsentThread>;

/** The keys under which a thread may have been opened. */
function keysOf(thread: Thread): string[] {
  return [keyOf(targetOf(thread)), keyOf({ kind: "thread", threadId: thread.id, sheetId: "" })];
}

export function unsentOf(unsent: UnsentThreads, thread: Thread): number {
  return keysOf(thread).reduce((sum, key) => sum + (unsent.get(key)?.count ?? 0), 0);
}

export function NotSent({ count }: { count: number }) {
  return (
    <span className="thread-not-sent" data-testid="not-sent">
      {count} not sent
    </span>
  );
}

const NAMES: Readonly<Record<Target["kind"], string>> = {
  sheet: "The chat of a sheet",
  person: "A person",
  thread: "A comment or conversation",
};

interface UnsentElsewhereProps {
  list: Threads;
  unsent: UnsentThreads;
}

/** Those of conversations that are not in the list: without access, of comments, or further down. */
export function UnsentElsewhere({ list, unsent }: UnsentElsewhereProps) {
  const listed = new Set(list.threads.flatMap(keysOf));
  const others = [...unsent].flatMap(([key, { count, text }]) => {
    const [kind, id] = key.split(":");
    const target = listed.has(key) ? undefined : targetFrom(kind, id);
    return target === undefined ? [] : [{ key, target, count, text }];
  });
  if (others.length === 0 || list.loading) return null;
  return (
    <ul className="thread-list" aria-label="Messages that are not sent">
      {others.map(({ key, target, count, text }) => (
        <li key={key}>
          <Link className="thread" to={pathOf(target)} data-testid="unsent-thread">
            <span className="sheet-tile">
              <Icon name="x" />
            </span>
            <span className="thread-names">
              <span className="thread-title">{NAMES[target.kind]}</span>
              <span className="thread-last">{text}</span>
              <NotSent count={count} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

// The list of conversations: with whom or about which sheet, the last message, and how many are unread.

import { pathOf } from "../../api/message-paths.ts";
import { keyOf } from "../../api/target.ts";
import { useStore } from "../../base/store.ts";
import { ago, plural } from "../../base/text.ts";
import { type Thread, ThreadKind } from "../../gen/gridloom/v1/chat_pb.ts";
import { unsentMessages } from "../../live/drafts/own-unsent.ts";
import { inbox } from "../../live/inbox/inbox.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { lastText, targetOf, titleOf } from "./thread-text.ts";
import { NotSent, UnsentElsewhere, unsentOf } from "./Unsent.tsx";
import type { Threads } from "./use-threads.ts";

interface ThreadListProps {
  list: Threads;
  own: string;
  /** The key of the conversation that is shown. */
  shown: string | undefined;
}

export function ThreadList({ list, own, shown }: ThreadListProps) {
  const unread = useStore(inbox.threads);
  const unsent = useStore(unsentMessages.threads);
  return (
    <>
      <UnsentElsewhere {...{ list, unsent }} />
      <PagedList
        list={list}
        items={list.threads}
        className="thread-list"
        row={(thread) => (
          <ThreadRow
            key={thread.id}
            {...{ thread, own }}
            isShown={keyOf(targetOf(thread)) === shown}
            unread={unread.get(thread.id) ?? 0}
            notSent={unsentOf(unsent, thread)}
          />
        )}
        placeholder={
          <div className="conversation-note">
            <span className="spinner" role="status" aria-label="Loading the conversations" />
          </div>
        }
        empty={
          <div className="conversation-note" data-testid="no-threads">
            <p>No conversations yet.</p>
            <p>Write to a person, or open the chat of a sheet.</p>
          </div>
        }
        failed="Couldn't load your messages"
        more="Show more"
      />
    </>
  );
}

interface ThreadRowProps {
  thread: Thread;
  own: string;
  isShown: boolean;
  unread: number;
  notSent: number;
}

function ThreadRow({ thread, own, isShown, unread, notSent }: ThreadRowProps) {
  const title = titleOf(thread);
  const sent = thread.lastMessage?.sentMicros ?? 0n;
  return (
    <li>
      <Link
        className="thread"
        to={pathOf(targetOf(thread))}
        aria-current={isShown ? "page" : undefined}
        data-testid="thread"
        data-unread={unread}
      >
        {thread.kind === ThreadKind.SHEET ? (
          <span className="sheet-tile">
            <Icon name="grid" />
          </span>
        ) : (
          <Avatar name={title} account={thread.personId} sent={thread.personColor} />
        )}
        <span className="thread-names">
          <span className="thread-title">{title}</span>
          <span className="thread-last">{lastText(thread, own)}</span>
          {notSent === 0 ? null : <NotSent count={notSent} />}
        </span>
        <span className="thread-side">
          <span className="thread-when">{ago(Number(sent / 1000n), Date.now())}</span>
          {unread === 0 ? null : (
            <span className="thread-unread">
              <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
              <span className="visually-hidden">{plural(unread, "unread message")}</span>
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

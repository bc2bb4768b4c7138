// The messages of a conversation, the newest at the bottom. Older ones load as the person scrolls up.
import { ArrowDown } from "lucide-react";
import { type RefObject, useCallback } from "react";
import { useStore } from "../../../base/store.ts";
import { plural } from "../../../base/text.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import type { ThreadState } from "../thread/live-thread.ts";
import type { OpenThread } from "../thread/open-thread.ts";
import { firstUnread, unreadAfter } from "../thread/unread.ts";
import { OutgoingRow } from "./OutgoingRow.tsx";
import { dayText, type Row, rowsOf } from "./rows.ts";
import { Start } from "./Start.tsx";
import { useScroll } from "./use-scroll.ts";
import { useSeen } from "./use-seen.ts";

interface MessageListProps {
  open: OpenThread;
  state: ThreadState;
  label: string;
  /** Stands there while there is no message. */
  none: string;
  own: string;
  list: RefObject<HTMLDivElement | null>;
  /** The number of own messages that were written here. */
  written: number;
  canWrite: boolean;
  /** Draws a message. */
  row: (message: Message, isFirst: boolean) => React.ReactNode;
}

export function MessageList(props: MessageListProps) {
  const { open, state, label, own, list, written, row, canWrite } = props;
  const { thread, outbox } = open;
  const outgoing = useStore(outbox.messages);
  const { messages, known, olderProblem, read, lineAfter } = state;
  const loadOlder = useCallback(() => {
    // After a failure, the person asks.
    if (olderProblem === undefined) thread.loadOlder();
  }, [thread, olderProblem]);
  const end = `${messages.at(-1)?.number}/${outgoing.map(({ clientId, progress }) => clientId + progress).join()}`;
  const first = messages[0]?.number;
  const loading = state.loadingOlder;
  const scroll = useScroll(list, { first, known, loading, end, written }, loadOlder);
  useSeen(thread, known && scroll.atEnd);
  const line = lineAfter === undefined ? undefined : firstUnread(messages, own, lineAfter);
  const unread = unreadAfter(messages, own, read);
  return (
    <div className="conversation-main">
      <div
        ref={list}
        className="conversation-list"
        role="log"
        aria-label={label}
        aria-busy={!known || loading}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
        tabIndex={0}
        data-testid="conversation-list"
        onScroll={scroll.onScroll}
      >
        <Start {...{ thread, state, none: props.none }} />
        <ol className="messages">
          {rowsOf(messages, line).map((shown) => (
            <Shown key={shown.key} shown={shown} row={row} />
          ))}
          {outgoing.map((message) => (
            <OutgoingRow key={message.clientId} {...{ message, outbox, canWrite }} />
          ))}
        </ol>
      </div>
      {scroll.atEnd ? null : (
        <Button
          icon={ArrowDown}
          className="conversation-end"
          data-testid="to-end"
          onClick={() => {
            scroll.toEnd();
            list.current?.focus({ preventScroll: true });
          }}
        >
          {unread === 0 ? "Newest messages" : plural(unread, "new message")}
        </Button>
      )}
    </div>
  );
}

function Shown({ shown, row }: { shown: Row } & Pick<MessageListProps, "row">) {
  if (shown.kind === "message") return row(shown.message, shown.isFirst);
  if (shown.kind === "day")
    return <li className="conversation-day">{dayText(shown.at, new Date())}</li>;
  return (
    <li className="conversation-line" data-line data-testid="unread-line">
      New
    </li>
  );
}

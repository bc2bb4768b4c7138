// A conversation: the messages of a thread, those who type, and the field for the next message.
//
// It fills the height of its place, and scrolls inside.

import { Code } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "react";
import { errorText, hasCode } from "../../api/errors.ts";
import { session } from "../../api/session.ts";
import { keyOf, sheetOf, type Target } from "../../api/target.ts";
import { useStore } from "../../base/store.ts";
import type { Message } from "../../gen/gridloom/v1/chat_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { FocusHome } from "../../ui/overlay/focus.ts";
import { Composer } from "./composer/Composer.tsx";
import { useDraft } from "./composer/use-draft.ts";
import { LinkButton, type SelectedCell } from "./links/LinkButton.tsx";
import { type OpenCell, OpenCellContext } from "./links/SheetChip.tsx";
import { DeleteDialog } from "./list/DeleteDialog.tsx";
import { EditRow } from "./list/EditRow.tsx";
import { MessageList } from "./list/MessageList.tsx";
import { MessageRow } from "./list/MessageRow.tsx";
import { type OpenThread, openThread, showUnmentioned } from "./thread/open-thread.ts";
import { namesOf } from "./thread/outbox.ts";
import { typingText } from "./thread/typing.ts";
import "../../styles/conversation.css";

export type { Target } from "../../api/target.ts";

interface ConversationProps {
  target: Target;
  canWrite: boolean;
  /** The name of the conversation for screen readers. */
  label: string;
  /** Leads to a cell that a message links to; without it, the link does. */
  openCell?: OpenCell;
  /** The selected cell beside the conversation. */
  selected?: SelectedCell;
}

export function Conversation(props: ConversationProps) {
  const own = useStore(session)?.accountId;
  if (own === undefined) return null;
  return <Opened key={`${own}/${keyOf(props.target)}`} {...props} own={own} />;
}

interface OpenedProps extends ConversationProps {
  own: string;
}

function Opened(props: OpenedProps) {
  const { target, own } = props;
  const [open] = useState(() => openThread(target, own));
  useEffect(() => {
    open.thread.start();
    return () => open.thread.stop();
  }, [open]);
  return (
    // A dialog returns the focus to the conversation, not to the grid beside it.
    <FocusHome value={null}>
      <section className="conversation" aria-label={props.label} data-testid="conversation">
        <OpenCellContext value={props.openCell}>
          <Shown {...props} open={open} />
        </OpenCellContext>
      </section>
    </FocusHome>
  );
}

/** The conversation, or what replaces one that does not exist for this person. */
function Shown(props: OpenedProps & { open: OpenThread }) {
  const { problem } = useStore(props.open.thread.state);
  if (!hasCode(problem, Code.NotFound)) return <Content {...props} />;
  return (
    <div className="conversation-note" role="alert" data-testid="conversation-gone">
      <p>{GONE[props.target.kind]}</p>
    </div>
  );
}

const GONE: Readonly<Record<Target["kind"], string>> = {
  sheet: "This sheet doesn't exist, or you don't have access to it.",
  person: "You can't write to this person. Share a sheet with each other first.",
  thread: "This conversation doesn't exist any more, or you don't have access to it.",
};

const NONE: Readonly<Record<Target["kind"], string>> = {
  sheet: "No messages yet. Everyone with access to this sheet can read what is written here.",
  person: "No messages yet. The two of you alone can read what is written here.",
  thread: "No messages yet.",
};

function Content(props: OpenedProps & { open: OpenThread }) {
  const { target, canWrite, label, own, open, selected } = props;
  const { thread } = open;
  const state = useStore(thread.state);
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const [editing, setEditing] = useState<bigint>();
  const [deleting, setDeleting] = useState<Message>();
  const [draft, draftChanged] = useDraft(open);
  const [written, setWritten] = useState(0);
  const sheetId = sheetOf(target);
  const edited = (message: Message) => {
    setEditing(undefined);
    (field.current ?? list.current)?.focus({ preventScroll: message.number > 0n });
  };
  const row = (message: Message, isFirst: boolean) =>
    message.number === editing && message.deletedMicros === 0n ? (
      <EditRow
        key={String(message.number)}
        {...{ message, sheetId, own }}
        onClose={() => edited(message)}
        save={async (next) => {
          const ids = await thread.edit(message, next);
          showUnmentioned(namesOf(ids, next.mentions));
        }}
      />
    ) : (
      <MessageRow
        key={String(message.number)}
        {...{ message, isFirst, own }}
        onEdit={canWrite ? () => setEditing(message.number) : undefined}
        onDelete={() => setDeleting(message)}
      />
    );
  const editLast = () => {
    const isOwn = (message: Message) => message.authorId === own && message.deletedMicros === 0n;
    setEditing(state.messages.findLast(isOwn)?.number);
  };
  return (
    <>
      <Problem problem={state.problem} known={state.known} retry={thread.load} />
      <MessageList {...{ open, state, label, own, list, written, row }} none={NONE[target.kind]} />
      <Typing open={open} />
      {canWrite ? (
        <Composer
          {...{ field, draft, sheetId, own }}
          label="Write a message"
          action="Send"
          onChange={draftChanged}
          onSend={(next) => {
            thread.send(next);
            draftChanged(undefined);
            setWritten(written + 1);
          }}
          onUp={editLast}
          extra={<LinkButton {...{ field, draft }} cell={selected} onChange={draftChanged} />}
        />
      ) : (
        <p className="conversation-reads">You can read this conversation but not write in it.</p>
      )}
      {deleting === undefined ? null : (
        <DeleteDialog
          remove={() => thread.remove(deleting)}
          onClose={() => {
            setDeleting(undefined);
            list.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </>
  );
}

interface ProblemProps {
  problem: unknown;
  known: boolean;
  retry: () => void;
}

/** The first load, or why the newest messages could not be read. */
function Problem({ problem, known, retry }: ProblemProps) {
  if (problem === undefined)
    return known ? null : (
      <div className="conversation-note">
        <span className="spinner" role="status" aria-label="Loading the messages" />
      </div>
    );
  return (
    <div className="conversation-note" role="alert" data-testid="conversation-problem">
      <p>{errorText(problem)}</p>
      <Button onClick={retry}>Try again</Button>
    </div>
  );
}

function Typing({ open }: { open: OpenThread }) {
  const names = useStore(open.thread.typists.names);
  return (
    <p className="conversation-typing" aria-live="polite" data-testid="typing">
      {typingText(names)}
    </p>
  );
}

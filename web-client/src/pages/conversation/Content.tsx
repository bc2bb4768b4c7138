// What a conversation that exists shows: its messages, those who type, and the field, or why there is none.
import { type RefObject, useRef, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { sheetOf, type Target } from "../../api/target.ts";
import { useStore } from "../../base/store.ts";
import type { Message } from "../../gen/gridloom/v1/chat_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Composer } from "./composer/Composer.tsx";
import type { useDraft } from "./composer/use-draft.ts";
import { LeftTexts } from "./left/LeftTexts.tsx";
import { leftDraft, leftEdits } from "./left/left-texts.ts";
import { LinkButton, type SelectedCell } from "./links/LinkButton.tsx";
import { DeleteDialog } from "./list/DeleteDialog.tsx";
import { EditRow } from "./list/EditRow.tsx";
import { MessageList } from "./list/MessageList.tsx";
import { MessageRow } from "./list/MessageRow.tsx";
import type { Edits } from "./list/use-edits.ts";
import type { ThreadState } from "./thread/live-thread.ts";
import type { OpenThread } from "./thread/open-thread.ts";
import type { OwnEdit } from "./thread/own-edits.ts";
import { typingText } from "./thread/typing.ts";

const NONE: Readonly<Record<Target["kind"], string>> = {
  sheet: "No messages yet. Everyone with access to this sheet can read what is written here.",
  person: "No messages yet. The two of you alone can read what is written here.",
  thread: "No messages yet.",
};

interface ContentProps {
  target: Target;
  canWrite: boolean;
  label: string;
  selected?: SelectedCell;
  field?: RefObject<HTMLTextAreaElement | null>;
  own: string;
  open: OpenThread;
  draft: ReturnType<typeof useDraft>;
  edits: Edits;
}

export function Content(props: ContentProps) {
  const { target, canWrite, label, own, open, edits } = props;
  const { thread } = open;
  const state = useStore(thread.state);
  const list = useRef<HTMLDivElement>(null);
  const ownField = useRef<HTMLTextAreaElement>(null);
  const field = props.field ?? ownField;
  const [deleting, setDeleting] = useState<Message>();
  const [written, setWritten] = useState(0);
  const isEditable = (message: Message) => canWrite && message.deletedMicros === 0n;
  const row = (message: Message, isFirst: boolean) => {
    const edit = edits.at(message.number);
    const key = String(message.number);
    if (edit !== undefined && isEditable(message))
      return <Edited key={key} {...{ message, edit, target, own, open, edits, field, list }} />;
    const onEdit = canWrite ? () => edits.begin(message) : undefined;
    const unmentioned = state.unmentioned.get(message.number);
    const onDelete = () => setDeleting(message);
    return <MessageRow key={key} {...{ message, isFirst, own, unmentioned, onEdit, onDelete }} />;
  };
  const hasField = (number: bigint) => {
    const message = state.messages.find((other) => other.number === number);
    return !state.known || (message !== undefined && isEditable(message));
  };
  return (
    <>
      <Problem problem={state.problem} known={state.known} retry={thread.load} />
      <MessageList
        {...{ open, state, label, own, list, written, row, canWrite }}
        none={NONE[target.kind]}
      />
      <Typing open={open} />
      <LeftTexts texts={leftEdits(edits, hasField)} />
      <Write {...props} {...{ field, state }} onSend={() => setWritten(written + 1)} />
      {deleting === undefined ? null : (
        <DeleteDialog
          title="Delete this message?"
          text="Its text is removed for everyone. Others see that a message was deleted."
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

interface WriteProps extends ContentProps {
  field: RefObject<HTMLTextAreaElement | null>;
  state: ThreadState;
  onSend: () => void;
}

/** The field of the next message; for a reader, what was typed into it. */
function Write({ target, canWrite, own, open, selected, edits, ...rest }: WriteProps) {
  const { field, state, onSend } = rest;
  const [draft, change] = rest.draft;
  if (!canWrite)
    return (
      <>
        <LeftTexts texts={leftDraft(draft, () => change(undefined))} />
        <p className="conversation-reads">You can read this conversation but not write in it.</p>
      </>
    );
  const editLast = () => {
    const isOwn = (message: Message) => message.authorId === own && message.deletedMicros === 0n;
    // The edit that is open continues; one whose message is not here has no field.
    const isOpen = (message: Message) => isOwn(message) && edits.at(message.number) !== undefined;
    const next = state.messages.findLast(isOpen) ?? state.messages.findLast(isOwn);
    if (next !== undefined) edits.begin(next);
  };
  return (
    <Composer
      {...{ field, draft, own }}
      sheetId={sheetOf(target)}
      label="Write a message"
      action="Send"
      onChange={change}
      onSend={(next) => {
        open.thread.send(next);
        change(undefined);
        onSend();
      }}
      onUp={editLast}
      extra={<LinkButton {...{ field, draft }} cell={selected} onChange={change} />}
    />
  );
}

interface EditedProps extends Pick<ContentProps, "target" | "own" | "open" | "edits"> {
  message: Message;
  edit: OwnEdit;
  field: RefObject<HTMLTextAreaElement | null>;
  list: RefObject<HTMLElement | null>;
}

/** A message that is edited; the focus returns to the field of the next message. */
function Edited({ message, edit, target, own, open, edits, field, list }: EditedProps) {
  const { name, changed } = edit;
  const focusNext = () =>
    (field.current ?? list.current)?.focus({ preventScroll: message.number > 0n });
  return (
    <EditRow
      {...{ message, changed, own }}
      last={edits.last}
      sheetId={sheetOf(target)}
      onChange={(next) => edits.change(message, next)}
      onSaved={(text) => void (edits.saved(name, text) && focusNext())}
      save={(next) => open.thread.edit(message, next)}
      onClose={() => {
        edits.end(name);
        focusNext();
      }}
    />
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

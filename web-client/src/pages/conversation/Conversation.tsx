// A conversation: the messages of a thread, those who type, and the field for the next message.
//
// It fills the height of its place, and scrolls inside.

import { Code } from "@connectrpc/connect";
import { type RefObject, useEffect, useState } from "react";
import { hasCode } from "../../api/errors.ts";
import { session } from "../../api/session.ts";
import { keyOf, type Target } from "../../api/target.ts";
import { useStore } from "../../base/store.ts";
import { FocusHome } from "../../ui/overlay/focus.ts";
import { Content } from "./Content.tsx";
import { useDraft, useOwnDraft } from "./composer/use-draft.ts";
import { LeftTexts } from "./left/LeftTexts.tsx";
import { leftDraft, leftEdits, leftMessages } from "./left/left-texts.ts";
import type { SelectedCell } from "./links/LinkButton.tsx";
import { type OpenCell, OpenCellContext } from "./links/SheetChip.tsx";
import { type Edits, useEdits } from "./list/use-edits.ts";
import { type OpenThread, openThread } from "./thread/open-thread.ts";
import type { Outbox } from "./thread/outbox.ts";
import "../../styles/conversation.css";

export type { Target } from "../../api/target.ts";

interface ConversationProps {
  target: Target;
  canWrite: boolean;
  /** The name of the conversation for screen readers. */
  label: string;
  /** Leads to a cell that a message links to; without it, the link does. */
  openCell?: OpenCell;
  /** The place around says that the conversation is gone. */
  isMissed?: boolean;
  /** The selected cell beside the conversation. */
  selected?: SelectedCell;
  /** Receives the field that a message is written in. */
  field?: RefObject<HTMLTextAreaElement | null>;
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

/** The conversation, or what replaces one that does not exist for this person: the texts that are left of it. */
function Shown(props: OpenedProps & { open: OpenThread }) {
  const { thread, outbox, kept } = props.open;
  const { problem } = useStore(thread.state);
  const draft = useDraft(useOwnDraft(kept), thread.type);
  const edits = useEdits(kept);
  if (!hasCode(problem, Code.NotFound)) return <Content {...props} {...{ draft, edits }} />;
  return (
    <>
      {props.isMissed === true ? null : (
        <div className="conversation-note" role="alert" data-testid="conversation-gone">
          <p>{GONE[props.target.kind]}</p>
        </div>
      )}
      <Left {...{ outbox, draft, edits }} />
    </>
  );
}

interface LeftProps {
  outbox: Outbox;
  draft: ReturnType<typeof useDraft>;
  edits: Edits;
}

/** All that the person has typed in a conversation that is gone. */
function Left({ outbox, draft: [draft, changeDraft], edits }: LeftProps) {
  const messages = useStore(outbox.messages);
  const texts = [
    ...leftMessages(messages, outbox),
    ...leftEdits(edits, () => false),
    ...leftDraft(draft, () => changeDraft(undefined)),
  ];
  return <LeftTexts texts={texts} isAlone />;
}

const GONE: Readonly<Record<Target["kind"], string>> = {
  sheet: "This sheet doesn't exist, or you don't have access to it.",
  person: "You can't write to this person. Share a sheet with each other first.",
  thread: "This conversation doesn't exist any more, or you don't have access to it.",
};

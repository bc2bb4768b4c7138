// The comments of a sheet, in the side panel: all of them, or the one that the address names.
import type { Item } from "@glideapps/glide-data-grid";
import { useEffect, useRef, useState } from "react";
import { session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import type { Hold } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { CellId } from "../../live/view/cell-id.ts";
import { Button } from "../../ui/Button.tsx";
import { useTakeFocus } from "../../ui/overlay/take-focus.ts";
import { useOwnDraft } from "../conversation/composer/use-draft.ts";
import { LeftTexts } from "../conversation/left/LeftTexts.tsx";
import { leftDraft } from "../conversation/left/left-texts.ts";
import { browserItems, Kept, NO_DRAFT } from "../conversation/thread/kept.ts";
import type { OwnDraft } from "../conversation/thread/own-draft.ts";
import { mayComment } from "../shared/roles.ts";
import { cellName } from "./cell-name.ts";
import { CommentList } from "./list/CommentList.tsx";
import { OneComment } from "./OneComment.tsx";
import { useCommentChanges, useComments } from "./use-comments.ts";
import { NewComment } from "./write/NewComment.tsx";
import { useMade } from "./write/use-made.ts";
import "../../styles/comments.css";
import "../../styles/conversation.css";

/** The comment that the person begins on a cell. */
export interface Begun {
  /** The place of the comment; undefined while none is begun. */
  hold: Hold | undefined;
  begin: (cell: Item) => void;
  end: () => void;
}

interface CommentsPanelProps {
  id: string;
  sheet: LiveSheet;
  /** The cell of the cursor. */
  cursor: Item;
  begun: Begun;
  /** The thread of the comment that is open alone. */
  comment: string | undefined;
  open: (comment?: string) => void;
  openCell: (cell: CellId) => void;
}

export default function CommentsPanel(props: CommentsPanelProps) {
  const { id, sheet, comment, open, openCell } = props;
  const own = useStore(session)?.accountId;
  const { role } = useStore(sheet.layout);
  const canWrite = mayComment(role);
  useCommentChanges(id, sheet);
  const last = useRef(comment);
  useEffect(() => {
    if (comment !== undefined) last.current = comment;
  }, [comment]);
  if (own === undefined) return null;
  if (comment === undefined) return <All {...props} {...{ own, canWrite }} last={last.current} />;
  return (
    <OneComment
      key={comment}
      {...{ id, sheet, canWrite, openCell }}
      threadId={comment}
      onBack={() => open()}
    />
  );
}

interface AllProps extends CommentsPanelProps {
  own: string;
  canWrite: boolean;
  last: string | undefined;
}

function All({ id, sheet, cursor, begun, open, own, canWrite, last }: AllProps) {
  const [resolved, setResolved] = useState(false);
  const list = useComments(id, resolved);
  const [kept] = useState(() => new Kept(browserItems(), own, `comment/${id}`));
  const typed = useOwnDraft(kept);
  useMade(typed, list.comments);
  const { hold, begin, end } = begun;
  return (
    <>
      {canWrite ? (
        hold === undefined ? (
          <Begin {...{ sheet, cursor, begin }} />
        ) : (
          <NewComment
            {...{ id, sheet, own, typed, hold }}
            onDone={end}
            onChooseSelected={() => begin(cursor)}
          />
        )
      ) : (
        <Reads typed={typed} />
      )}
      <label className="comments-filter">
        <input
          type="checkbox"
          checked={resolved}
          data-testid="comments-resolved"
          onChange={({ target }) => setResolved(target.checked)}
        />
        Resolved comments, too
      </label>
      <CommentList
        {...{ sheet, list, own, resolved, last }}
        onOpen={({ threadId }) => open(threadId)}
      />
    </>
  );
}

/** For a reader: what was typed into the field. */
function Reads({ typed }: { typed: OwnDraft }) {
  const draft = useStore(typed.draft);
  return (
    <>
      <LeftTexts texts={leftDraft(draft, () => typed.change(NO_DRAFT))} />
      <p className="comments-about">You can read the comments but not write.</p>
    </>
  );
}

interface BeginProps {
  sheet: LiveSheet;
  cursor: Item;
  begin: (cell: Item) => void;
}

/** Begins a comment on the selected cell. */
function Begin({ sheet, cursor, begin }: BeginProps) {
  const layout = useStore(sheet.layout);
  const [col, row] = cursor;
  const isNew = row >= layout.rowCount || layout.columns.length === 0;
  // The field of the comment before has had the focus.
  const home = useRef<HTMLDivElement>(null);
  useTakeFocus(home);
  return (
    <div className="comments-begin" ref={home}>
      <Button disabled={isNew} data-testid="comment-begin" onClick={() => begin(cursor)}>
        Comment on {isNew ? "a cell" : cellName(layout, { row, col })}
      </Button>
    </div>
  );
}

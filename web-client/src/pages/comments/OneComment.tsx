// One comment with its replies. It leads to its cell, and can be resolved and reopened.
import { useMutation } from "@connectrpc/connect-query";
import { useEffect, useRef } from "react";
import { errorText } from "../../api/errors.ts";
import { useStore } from "../../base/store.ts";
import { type Comment, CommentService } from "../../gen/gridloom/v1/comments_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { CellId } from "../../live/view/cell-id.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { useTakeFocus } from "../../ui/overlay/take-focus.ts";
import { showToast } from "../../ui/toasts.ts";
import { Conversation } from "../conversation/Conversation.tsx";
import { commentChanged } from "./calls.ts";
import { cellName, goneText, isThere, placeOf } from "./cell-name.ts";
import { DeleteComment } from "./DeleteComment.tsx";
import { useComment } from "./use-comments.ts";

interface OneCommentProps {
  id: string;
  sheet: LiveSheet;
  threadId: string;
  canWrite: boolean;
  openCell: (cell: CellId) => void;
  onBack: () => void;
}

export function OneComment({ id, sheet, threadId, canWrite, openCell, onBack }: OneCommentProps) {
  const { comment, loading, problem, reload } = useComment(id, threadId);
  const isUnknown = comment === undefined && (loading || problem !== undefined);
  const head = useRef<HTMLElement>(null);
  useTakeFocus(head);
  return (
    <section className="comment-one" aria-label="Comment" data-testid="comment-one">
      <header className="comment-one-head" ref={head}>
        <IconButton
          icon="arrowLeft"
          label="All comments"
          data-testid="comments-back"
          onClick={onBack}
        />
        {comment === undefined ? null : (
          <Head {...{ id, sheet, comment, canWrite, onBack }} onCell={() => openCell(comment)} />
        )}
      </header>
      {comment === undefined ? <Missing {...{ loading, problem, reload, onBack }} /> : null}
      {isUnknown ? null : (
        // Of a comment that is deleted it shows what the person has typed.
        <Conversation
          target={{ kind: "thread", threadId, sheetId: id }}
          canWrite={canWrite}
          label="Comment and replies"
          isMissed={comment === undefined}
          openCell={openCell}
        />
      )}
    </section>
  );
}

type MissingProps = Pick<OneCommentProps, "onBack"> &
  Pick<ReturnType<typeof useComment>, "loading" | "problem" | "reload">;

/** In place of a comment that is not there. */
function Missing({ loading, problem, reload, onBack }: MissingProps) {
  if (loading)
    return (
      <div className="drawer-note">
        <span className="spinner" role="status" aria-label="Loading the comment" />
      </div>
    );
  return (
    <div className="drawer-note" role="alert">
      <p>{problem ?? "This comment doesn't exist any more."}</p>
      <Button onClick={problem === undefined ? onBack : reload}>
        {problem === undefined ? "All comments" : "Try again"}
      </Button>
    </div>
  );
}

interface HeadProps {
  id: string;
  sheet: LiveSheet;
  comment: Comment;
  canWrite: boolean;
  onCell: () => void;
  onBack: () => void;
}

function Head({ id, sheet, comment, canWrite, onCell, onBack }: HeadProps) {
  const layout = useStore(sheet.layout);
  useStore(sheet.version);
  const place = placeOf(sheet, layout, comment);
  const there = isThere(place);
  // A link to a comment leads to its cell, once.
  const led = useRef(false);
  useEffect(() => {
    if (led.current || !layout.known) return;
    led.current = true;
    if (there) onCell();
  });
  return (
    <>
      <button
        type="button"
        className="comment-cell"
        disabled={!there}
        data-testid="comment-cell"
        onClick={onCell}
      >
        {there ? cellName(layout, place) : goneText(place)}
      </button>
      {canWrite ? <Resolve id={id} comment={comment} /> : null}
      <DeleteComment {...{ id, comment }} role={layout.role} onDeleted={onBack} />
    </>
  );
}

function Resolve({ id, comment }: { id: string; comment: Comment }) {
  const { threadId, rowId, resolvedMicros, resolvedBy } = comment;
  const isResolved = resolvedMicros > 0n;
  const resolving = useMutation(CommentService.method.resolveComment, {
    onError: (error) => showToast("error", errorText(error)),
    onSettled: () => commentChanged(id, rowId),
  });
  return (
    <Button
      look="quiet"
      icon="check"
      title={isResolved ? `Resolved by ${resolvedBy || "someone"}` : undefined}
      disabled={resolving.isPending}
      data-testid={isResolved ? "comment-reopen" : "comment-resolve"}
      onClick={() => resolving.mutate({ threadId, resolved: !isResolved })}
    >
      {isResolved ? "Reopen" : "Resolve"}
    </Button>
  );
}

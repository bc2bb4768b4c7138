// The comments of a sheet in the order of their cells; those whose row or column is deleted are apart.
import type { ReactNode } from "react";
import { useStore } from "../../../base/store.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Button } from "../../../ui/Button.tsx";
import { EndOfList } from "../../../ui/EndOfList.tsx";
import { inOrder, type Placed, placeOf } from "../cell-name.ts";
import type { Comments } from "../use-comments.ts";
import { CommentItem } from "./CommentItem.tsx";

interface CommentListProps {
  sheet: LiveSheet;
  list: Comments;
  own: string;
  resolved: boolean;
  /** The thread of the comment that was open last. */
  last: string | undefined;
  onOpen: (comment: Comment) => void;
}

export function CommentList({ sheet, list, own, resolved, last, onOpen }: CommentListProps) {
  const layout = useStore(sheet.layout);
  useStore(sheet.version);
  const { comments, loading, problem, hasMore } = list;
  const { there, gone } = inOrder(comments, (comment) => placeOf(sheet, layout, comment));
  const item = ({ comment, place }: Placed<Comment>) => (
    <CommentItem
      key={comment.threadId}
      {...{ comment, place, layout, own }}
      isLast={comment.threadId === last}
      onOpen={() => onOpen(comment)}
    />
  );
  if (loading)
    return (
      <div className="drawer-note">
        <span className="spinner" role="status" aria-label="Loading the comments" />
      </div>
    );
  return (
    <>
      {problem === undefined ? null : (
        <div className="drawer-note" role="alert" data-testid="comments-problem">
          <p>{problem}</p>
          <Button onClick={list.reload}>Try again</Button>
        </div>
      )}
      {problem === undefined && comments.length === 0 ? (
        <p className="drawer-note" data-testid="comments-none">
          {resolved ? "No comments yet." : "No open comments."}
        </p>
      ) : null}
      <ul className="comments" aria-label="Comments" data-testid="comments">
        {there.map(item)}
      </ul>
      {gone.length === 0 ? null : <Gone>{gone.map(item)}</Gone>}
      {hasMore && problem === undefined ? <EndOfList onReach={list.loadMore} /> : null}
    </>
  );
}

function Gone({ children }: { children: ReactNode }) {
  return (
    <section aria-label="On deleted rows and columns" data-testid="comments-gone">
      <h3 className="comments-title">On deleted rows and columns</h3>
      <p className="comments-about">
        They are back with their row or column when its deletion is undone.
      </p>
      <ul className="comments">{children}</ul>
    </section>
  );
}

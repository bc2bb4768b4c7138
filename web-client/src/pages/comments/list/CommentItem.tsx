// One comment in the list: its cell, its first message, and how many replies it has.
import { useRef } from "react";
import { count } from "../../../base/text.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
import type { Layout } from "../../../live/view/sheet-view.ts";
import { useTakeFocus } from "../../../ui/overlay/take-focus.ts";
import { MessageText } from "../../conversation/list/MessageText.tsx";
import { cellName, goneText, isThere, type Place } from "../cell-name.ts";
import { CommentHead } from "./CommentHead.tsx";

interface CommentItemProps {
  comment: Comment;
  place: Place;
  layout: Layout;
  own: string;
  /** Whether the person comes back from it: it takes the focus. */
  isLast: boolean;
  /** Opens the comment and leads to its cell. */
  onOpen: () => void;
}

const NOTHING = { current: null };

/** "1 reply", "2 replies"; the first message is none of them. */
export function repliesText({ messages }: Comment): string {
  const replies = Math.max(0, Number(messages) - 1);
  if (replies === 0) return "";
  return replies === 1 ? "1 reply" : `${count(replies)} replies`;
}

export function CommentItem(props: CommentItemProps) {
  const { comment, place, layout, own, isLast, onOpen } = props;
  const item = useRef<HTMLLIElement>(null);
  useTakeFocus(isLast ? item : NOTHING);
  const { first, resolvedMicros } = comment;
  const replies = repliesText(comment);
  const isDeleted = (first?.deletedMicros ?? 0n) > 0n;
  return (
    <li
      ref={item}
      className={resolvedMicros > 0n ? "comment resolved" : "comment"}
      data-testid="comment"
      data-thread={comment.threadId}
    >
      <button type="button" className="comment-cell" data-testid="comment-open" onClick={onOpen}>
        {isThere(place) ? cellName(layout, place) : goneText(place)}
      </button>
      {first === undefined ? null : <CommentHead message={first} />}
      {first === undefined || isDeleted ? (
        <p className="message-text message-deleted">Message deleted</p>
      ) : (
        <div className="comment-text">
          <MessageText text={first.text} mentions={first.mentions} own={own} />
        </div>
      )}
      <p className="comment-foot">
        {replies === "" ? null : <span>{replies}</span>}
        {resolvedMicros > 0n ? <span>Resolved by {comment.resolvedBy || "someone"}</span> : null}
      </p>
    </li>
  );
}

// A card beside a cell with its first open comment.
import type { DataEditorRef } from "@glideapps/glide-data-grid";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { session } from "../../../api/session.ts";
import { useStore } from "../../../base/store.ts";
import { plural } from "../../../base/text.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import type { Comment } from "../../../gen/gridloom/v1/comments_pb.ts";
import type { Cell } from "../../../live/view/people.ts";
import { Button } from "../../../ui/Button.tsx";
import { isInCover } from "../../../ui/overlay/focus.ts";
import { MessageText } from "../../conversation/list/MessageText.tsx";
import { CommentHead } from "../list/CommentHead.tsx";
import { repliesText } from "../list/CommentItem.tsx";
import { type CellComments, useCellComments } from "../use-comments.ts";

interface CommentCardProps {
  id: string;
  rowId: bigint;
  columnId: string;
  cell: Cell;
  grid: RefObject<DataEditorRef | null>;
  area: RefObject<HTMLElement | null>;
  open: (threadId: string) => void;
  onEnter: () => void;
  onLeave: () => void;
  onClose: () => void;
}

/** Pixels between the cell and the card, and between the card and the edge of the grid. */
const GAP = 6;

interface Box {
  left: number;
  top: number;
}

/** Beside the cell, at its right if there is room; otherwise at its left, or below it. */
function boxOf(cell: DOMRect | Rect, area: DOMRect, card: { width: number; height: number }): Box {
  const right = cell.x + cell.width - area.x + GAP;
  const left = cell.x - area.x - card.width - GAP;
  const fitsRight = right + card.width <= area.width;
  const top = Math.max(0, Math.min(cell.y - area.y, area.height - card.height - GAP));
  if (fitsRight) return { left: right, top };
  if (left >= 0) return { left, top };
  const below = cell.y + cell.height - area.y + GAP;
  const above = cell.y - area.y - card.height - GAP;
  const centred = Math.max(GAP, Math.min(cell.x - area.x, area.width - card.width - GAP));
  return { left: centred, top: below + card.height <= area.height ? below : Math.max(0, above) };
}

interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Places the card at its cell, also while the grid scrolls; hides it while the cell is not on the screen. */
function usePlace({ grid, area, cell }: CommentCardProps, card: RefObject<HTMLElement | null>) {
  const [box, setBox] = useState<Box>();
  const { row, col } = cell;
  useLayoutEffect(() => {
    const place = () => {
      const bounds = grid.current?.getBounds(col, row);
      const around = area.current?.getBoundingClientRect();
      const size = card.current?.getBoundingClientRect();
      if (bounds === undefined || around === undefined || size === undefined) return;
      const next = boxOf(bounds, around, size);
      const isIn = bounds.y >= around.y && bounds.y + bounds.height / 2 <= around.bottom;
      setBox((old) => {
        if (!isIn) return undefined;
        return old?.left === next.left && old.top === next.top ? old : next;
      });
    };
    place();
    const frame = requestAnimationFrame(place);
    const observer = new ResizeObserver(place);
    if (card.current !== null) observer.observe(card.current);
    if (area.current !== null) observer.observe(area.current);
    const element = area.current;
    element?.addEventListener("scroll", place, true);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element?.removeEventListener("scroll", place, true);
    };
  }, [grid, area, card, row, col]);
  return box;
}

/** Escape closes the card; the key still does what it does elsewhere. */
function useEscape(onClose: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !isInCover(event)) onClose();
    };
    addEventListener("keydown", onKeyDown, true);
    return () => removeEventListener("keydown", onKeyDown, true);
  });
}

export function CommentCard(props: CommentCardProps) {
  const { id, rowId, columnId, open, onEnter, onLeave, onClose } = props;
  const card = useRef<HTMLDivElement>(null);
  const box = usePlace(props, card);
  useEscape(onClose);
  const found = useCellComments(id, rowId, columnId);
  const onOpen = (threadId: string) => {
    onClose();
    open(threadId);
  };
  return (
    <div
      ref={card}
      role="note"
      className="comment-card"
      style={box ?? { visibility: "hidden" }}
      aria-label="Comment on this cell"
      data-testid="comment-card"
      onMouseEnter={onEnter}
      onMouseLeave={onLeave}
    >
      <Found {...{ found, onOpen }} />
    </div>
  );
}

interface FoundProps {
  found: CellComments;
  onOpen: (threadId: string) => void;
}

/** The first comment, or why there is none. */
function Found({ found, onOpen }: FoundProps) {
  const { comments, loading, problem, reload } = found;
  const own = useStore(session)?.accountId ?? "";
  const [comment, ...others] = comments;
  if (comment?.first !== undefined)
    return <First {...{ comment, own, onOpen }} first={comment.first} more={others.length} />;
  if (problem !== undefined)
    return (
      <div role="alert" data-testid="comment-card-problem">
        <p>{problem}</p>
        <Button onClick={reload}>Try again</Button>
      </div>
    );
  if (loading) return <span className="spinner" role="status" aria-label="Loading the comment" />;
  return <p>This comment doesn't exist any more.</p>;
}

interface FirstProps {
  comment: Comment;
  first: Message;
  own: string;
  /** The number of further comments on the cell. */
  more: number;
  onOpen: (threadId: string) => void;
}

function First({ comment, first, own, more, onOpen }: FirstProps) {
  const about = [repliesText(comment), more > 0 ? `${plural(more, "more comment")}` : ""];
  return (
    <>
      <CommentHead message={first} />
      <div className="comment-text">
        {first.deletedMicros > 0n ? (
          <p className="message-text message-deleted">Message deleted</p>
        ) : (
          <MessageText text={first.text} mentions={first.mentions} own={own} />
        )}
      </div>
      <footer className="comment-card-foot">
        <span>{about.filter((text) => text !== "").join(" · ")}</span>
        <Button
          look="quiet"
          data-testid="comment-card-open"
          onClick={() => onOpen(comment.threadId)}
        >
          Open
        </Button>
      </footer>
    </>
  );
}

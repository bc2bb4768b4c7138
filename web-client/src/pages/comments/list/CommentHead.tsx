// The author and the time of a comment.
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { Avatar } from "../../../ui/Avatar.tsx";
import { clockText, dateOf, dayText, wholeText } from "../../conversation/list/rows.ts";

export function CommentHead({ message }: { message: Message }) {
  const { authorId, authorName, authorColor, sentMicros } = message;
  const name = authorName === "" ? "Deleted account" : authorName;
  const at = dateOf(sentMicros);
  return (
    <div className="comment-head">
      <Avatar name={name} account={authorId} sent={authorColor} />
      <span className="comment-author">{name}</span>
      <time className="comment-time" dateTime={at.toISOString()} title={wholeText(at)}>
        {dayText(at, new Date())}, {clockText(at)}
      </time>
    </div>
  );
}

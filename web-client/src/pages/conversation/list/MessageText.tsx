// The text of a message, with its web addresses as links and its mentions marked.
import type { Mention } from "../../../gen/gridloom/v1/chat_pb.ts";
import { partsOf } from "../text-parts.ts";

interface MessageTextProps {
  text: string;
  mentions: readonly Mention[];
  /** The account of this page: a mention of it stands out. */
  own: string;
}

export function MessageText({ text, mentions, own }: MessageTextProps) {
  const named = mentions.map(({ accountId, displayName }) => ({
    id: accountId,
    name: displayName,
  }));
  const parts = partsOf(text, named).map((part, at) => ({ ...part, key: `${at}` }));
  return (
    <p className="message-text" dir="auto" data-testid="message-text">
      {parts.map((part) => {
        if (part.kind === "link")
          return (
            <a key={part.key} className="link" href={part.text} target="_blank" rel="noreferrer">
              {part.text}
            </a>
          );
        if (part.kind === "mention")
          return (
            <span key={part.key} className={part.id === own ? "mention own" : "mention"}>
              {part.text}
            </span>
          );
        return part.text;
      })}
    </p>
  );
}

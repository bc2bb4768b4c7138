// The text of a message, with its web addresses as links, those of sheets as their names, and its mentions marked.
import type { Mention } from "../../../gen/gridloom/v1/chat_pb.ts";
import { SheetChip } from "../links/SheetChip.tsx";
import { sheetLink } from "../links/sheet-link.ts";
import { namedOf, partsOf } from "../text-parts.ts";

interface MessageTextProps {
  text: string;
  mentions: readonly Mention[];
  /** The account of this page: a mention of it stands out. */
  own: string;
}

export function MessageText({ text, mentions, own }: MessageTextProps) {
  const parts = partsOf(text, namedOf(mentions)).map((part, at) => ({ ...part, key: `${at}` }));
  return (
    <p className="message-text" dir="auto" data-testid="message-text">
      {parts.map((part) => {
        if (part.kind === "link") return <Address key={part.key} address={part.text} />;
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

function Address({ address }: { address: string }) {
  const link = sheetLink(address, location.origin);
  if (link !== undefined) return <SheetChip link={link} />;
  return (
    <a className="link" href={address} target="_blank" rel="noreferrer">
      {address}
    </a>
  );
}

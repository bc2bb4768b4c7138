// The own messages that a person edits in a conversation, with their changed texts; these outlive the page.
import { useState } from "react";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { namedOf } from "../text-parts.ts";
import type { Draft, Kept } from "../thread/kept.ts";

export interface Edits {
  /** The changed texts, by the numbers of their messages. */
  drafts: ReadonlyMap<bigint, Draft>;
  /** The message whose edit was begun last on this page: its field takes the focus. */
  last: bigint | undefined;
  /** Begins to edit a message; an edit that is open continues. */
  begin: (message: Message) => void;
  change: (message: Message, draft: Draft) => void;
  /** The edit is saved, or the person drops it. */
  end: (number: bigint) => void;
}

export function draftOf({ text, mentions }: Message): Draft {
  return { text, mentions: namedOf(mentions) };
}

export function useEdits(kept: Kept): Edits {
  const [drafts, setDrafts] = useState<ReadonlyMap<bigint, Draft>>(() => kept.edits());
  const [last, setLast] = useState<bigint>();
  const set = (number: bigint, draft: Draft | undefined) =>
    setDrafts((old) => {
      const next = new Map(old);
      if (draft === undefined) next.delete(number);
      else next.set(number, draft);
      return next;
    });
  return {
    drafts,
    last,
    begin: (message) => {
      setLast(message.number);
      if (!drafts.has(message.number)) set(message.number, draftOf(message));
    },
    change: (message, draft) => {
      set(message.number, draft);
      kept.keepEdit(message.number, draft.text === message.text ? undefined : draft);
    },
    end: (number) => {
      set(number, undefined);
      kept.keepEdit(number, undefined);
    },
  };
}

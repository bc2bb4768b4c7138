// The own messages that a person edits in a conversation, with their changed texts; these outlive the page.
import { useEffect, useState } from "react";
import { newId } from "../../../base/ids.ts";
import { useStore } from "../../../base/store.ts";
import type { Message } from "../../../gen/gridloom/v1/chat_pb.ts";
import { browser } from "../../../live/browser.ts";
import { onUnsentChange } from "../../../live/drafts/unsent-messages.ts";
import { hold } from "../../../live/tabs/locks.ts";
import { namedOf } from "../text-parts.ts";
import type { Draft, Kept } from "../thread/kept.ts";
import { type OwnEdit, OwnEdits } from "../thread/own-edits.ts";

export interface Edits {
  all: readonly OwnEdit[];
  /** The edit that has the field of a message. */
  at: (number: bigint) => OwnEdit | undefined;
  /** The edit that the person has begun last on this page: its field takes the focus, each time again. */
  last: { number: bigint } | undefined;
  /** Begins to edit a message; an edit that is open continues. */
  begin: (message: Message) => void;
  change: (message: Message, draft: Draft) => void;
  /** The server has saved a text; returns whether the edit has ended, since the person has not typed on. */
  saved: (name: string, text: string) => boolean;
  /** The person drops the edit. */
  end: (name: string) => void;
}

export function draftOf({ text, mentions }: Message): Draft {
  return { text, mentions: namedOf(mentions) };
}

export function useEdits(kept: Kept): Edits {
  const [own] = useState(() => {
    const { now, after } = browser;
    return new OwnEdits(kept, {
      hold: async (name, onLost) => await hold(name, true, onLost),
      onChange: onUnsentChange,
      newId,
      now,
      after,
    });
  });
  useEffect(() => own.start(), [own]);
  const all = useStore(own.edits);
  const [last, setLast] = useState<Edits["last"]>();
  return {
    all,
    last,
    at: (number) => own.at(number),
    begin: ({ number }) => {
      own.begin(number);
      setLast({ number });
    },
    change: ({ number, text }, draft) => own.change(number, draft, text),
    saved: (name, text) => own.saved(name, text),
    end: (name) => own.end(name),
  };
}

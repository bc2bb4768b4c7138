// The text that a person writes in a conversation; it outlives the page.
import { useState } from "react";
import { type Draft, NO_DRAFT } from "../thread/kept.ts";
import type { OpenThread } from "../thread/open-thread.ts";

/** The draft, and its change; undefined: it was sent. */
export function useDraft({ kept, thread }: OpenThread): [Draft, (next: Draft | undefined) => void] {
  const [draft, setDraft] = useState(() => kept.draft());
  const change = (next = NO_DRAFT) => {
    setDraft(next);
    kept.keepDraft(next);
    if (next.text.trim() !== "" && next.text !== draft.text) thread.type();
  };
  return [draft, change];
}

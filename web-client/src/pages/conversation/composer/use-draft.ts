// The text that a person writes in a field; it outlives the page.
import { useEffect, useState } from "react";
import { newId } from "../../../base/ids.ts";
import { useStore } from "../../../base/store.ts";
import { browser } from "../../../live/browser.ts";
import { hold } from "../../../live/tabs/locks.ts";
import { type Draft, type Kept, NO_DRAFT } from "../thread/kept.ts";
import { OwnDraft } from "../thread/own-draft.ts";

/** The draft of this page in a field, while the component is there. */
export function useOwnDraft(kept: Kept): OwnDraft {
  const [own] = useState(() => {
    const { now, after } = browser;
    return new OwnDraft(kept, {
      hold: async (name, onLost) => await hold(name, true, onLost),
      newId,
      now,
      after,
    });
  });
  useEffect(() => own.start(), [own]);
  return own;
}

/** The draft, and its change; undefined: it was sent. `onType`: the person types. */
export function useDraft(
  own: OwnDraft,
  onType: () => void,
): [Draft, (next: Draft | undefined) => void] {
  const draft = useStore(own.draft);
  const change = (next = NO_DRAFT) => {
    own.change(next);
    if (next.text.trim() !== "" && next.text !== draft.text) onType();
  };
  return [draft, change];
}

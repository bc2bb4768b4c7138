// The texts of the account that are not sent, as they change in any tab, and the end of one.
//
// Invariant: a text that a field of an open tab has is ended in that tab alone, so that no tab stores it again.
import { useEffect, useState } from "react";
import { writeItem } from "../../../base/storage.ts";
import { type TypedText, typedTexts } from "../../../live/drafts/typed-texts.ts";
import {
  onUnsentChange,
  storedItems,
  unsentChanged,
} from "../../../live/drafts/unsent-messages.ts";
import { hold } from "../../../live/tabs/locks.ts";
import { showToast } from "../../../ui/toasts.ts";
import { removeUnsent } from "../../conversation/thread/open-thread.ts";

export function useTypedTexts(accountId: string): readonly TypedText[] {
  const [texts, setTexts] = useState<readonly TypedText[]>([]);
  useEffect(() => {
    const look = () => setTexts(typedTexts(storedItems, accountId));
    look();
    return onUnsentChange(look);
  }, [accountId]);
  return texts;
}

const HELD = "An open tab of this browser has this text in a field. Discard it there.";

/** Ends a text, unless another tab has it in a field. */
export async function discardTyped(accountId: string, typed: TypedText): Promise<void> {
  const { key, kind, thread, id } = typed;
  if (kind === "unsent") return removeUnsent(accountId, thread, id);
  // A browser without locks and storage has one page that matters.
  const free = { release: () => undefined };
  const claim = await hold(key, true, () => undefined).catch(() => free);
  if (claim === undefined) return showToast("info", HELD);
  writeItem(key, null);
  claim.release();
  unsentChanged();
}

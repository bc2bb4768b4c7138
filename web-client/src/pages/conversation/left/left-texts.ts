// Which texts of a conversation have no field any more.

import type { Edits } from "../list/use-edits.ts";
import type { Draft } from "../thread/kept.ts";
import { isEmpty } from "../thread/kept.ts";
import type { Outbox, Outgoing } from "../thread/outbox.ts";
import type { LeftText } from "./LeftTexts.tsx";

/** The draft of a field that is gone. */
export function leftDraft(draft: Draft, discard: () => void): LeftText[] {
  if (isEmpty(draft)) return [];
  return [{ key: "draft", about: "Not sent. This browser keeps it.", text: draft.text, discard }];
}

/** The messages of an outbox, for a conversation that shows none. */
export function leftMessages(messages: readonly Outgoing[], outbox: Outbox): LeftText[] {
  return messages.map(({ clientId, text, problem }) => ({
    key: clientId,
    about: `Not sent. ${problem ?? ""}`.trim(),
    text,
    discard: () => outbox.remove(clientId),
  }));
}

const GONE = "Not saved: your change of a message that is deleted or not shown here.";
const BESIDE = "Not saved: another change of a message, from a tab that was closed.";

/** The changes that have no field in the conversation. One without a changed text leaves nothing. */
export function leftEdits(
  { all, end }: Pick<Edits, "all" | "end">,
  isShown: (number: bigint) => boolean,
): LeftText[] {
  return all.flatMap(({ name, number, changed, hasField }) => {
    const isThere = isShown(number);
    if (changed === undefined || (isThere && hasField)) return [];
    const about = isThere ? BESIDE : GONE;
    return [{ key: name, about, text: changed.text, discard: () => end(name) }];
  });
}

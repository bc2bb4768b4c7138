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

/** The edits that have no place in the conversation. */
export function leftEdits(
  { drafts, end }: Edits,
  isShown: (number: bigint) => boolean,
): LeftText[] {
  const left = [...drafts].filter(([number]) => !isShown(number));
  return left.map(([number, { text }]) => ({
    key: `edit-${number}`,
    about: "Not saved: your change of a message that is deleted or not shown here.",
    text,
    discard: () => end(number),
  }));
}

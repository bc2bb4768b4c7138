// Where a text was typed: in words, and the address that leads there.
import { pathOf, targetFrom } from "../../../api/message-paths.ts";
import { sheetPath } from "../../../base/router.ts";
import type { TypedText } from "../../../live/drafts/typed-texts.ts";

interface TypedPlace {
  about: string;
  /** undefined: not known. */
  to: string | undefined;
}

const KINDS: Readonly<Record<TypedText["kind"], string>> = {
  draft: "Typed and not sent",
  edit: "A change of a message, not saved",
  unsent: "A message, not sent",
  other: "Typed and not sent, and not readable as it was",
};

const COMMENT = "comment/";

const PLACES: Readonly<Record<string, string>> = {
  sheet: "in the chat of a sheet",
  person: "to a person",
  thread: "below a comment or in a conversation",
};

/** `title`: the name of the thread where the list of conversations has it. */
export function placeOf({ kind, thread }: TypedText, title: string | undefined): TypedPlace {
  if (thread.startsWith(COMMENT))
    return {
      about: `${KINDS[kind]}: a new comment on a sheet.`,
      to: `${sheetPath(thread.slice(COMMENT.length))}?panel=comments`,
    };
  const [type = "", id] = thread.split(":");
  const target = targetFrom(type, id);
  const place = title === undefined ? PLACES[type] : `in “${title}”`;
  return {
    about: place === undefined ? `${KINDS[kind]}.` : `${KINDS[kind]}, ${place}.`,
    to: target && pathOf(target),
  };
}

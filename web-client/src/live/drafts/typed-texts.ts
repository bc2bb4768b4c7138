// The texts of an account that are typed and not sent, in all tabs of this browser.
//
// Invariant: each item of the storage is one text, also a malformed one. So a person finds all that a sign-out counts.
import { textsOf } from "./unsent.ts";

export interface TypedText {
  /** The key of the item; a page that has the text in a field holds it as a name. */
  key: string;
  /** draft: in a field. edit: a change of a sent message. unsent: a message. other: malformed. */
  kind: "draft" | "edit" | "unsent" | "other";
  /** The key of the thread (see api/target.ts), or `comment/` and a sheet for a new comment. */
  thread: string;
  /** The rest of the key: the client id of a message. */
  id: string;
  text: string;
  /** Milliseconds since 1970; 0 where it is not known. */
  at: number;
}

const KEY = /^(draft|edit|unsent)\/((?:comment\/)?[^/]+)\/?(.*)$/;

function contentOf(value: string): { text: string; at: number } | undefined {
  try {
    const { text, at, link } = JSON.parse(value) as Record<string, unknown>;
    if (typeof text !== "string") return undefined;
    const label = (link as { label?: unknown } | undefined)?.label;
    const shown = text === "" && typeof label === "string" ? label : text;
    return { text: shown, at: typeof at === "number" ? at : 0 };
  } catch {
    return undefined;
  }
}

function textOf(key: string, name: string, value: string): TypedText {
  const [, kind, thread = "", id = ""] = KEY.exec(name) ?? [];
  const content = contentOf(value);
  if (content === undefined || kind === undefined)
    return { key, kind: "other", thread, id, text: content?.text ?? value, at: content?.at ?? 0 };
  return { key, kind: kind as TypedText["kind"], thread, id, ...content };
}

/** The texts of an account, the newest first. `items`: those of the storage whose key begins with a text. */
export function typedTexts(
  items: (prefix: string) => readonly (readonly [key: string, value: string])[],
  accountId: string,
): TypedText[] {
  const prefix = textsOf(accountId);
  const found = items(prefix).map(([key, value]) => textOf(key, key.slice(prefix.length), value));
  return found.sort((a, b) => b.at - a.at);
}

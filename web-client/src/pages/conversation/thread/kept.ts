// What an account has typed and not sent, in this browser: one item for each draft and each message.
//
// Each message has an item of its own, so that two tabs never replace the messages of each other.
// Invariant: what one account has typed is not shown to another.
import { textsOf } from "../../../live/drafts/unsent.ts";

/** `localStorage`, or what a test has in its place. */
export type Items = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** A link to a cell, with what it was called when it was attached. */
export interface Attached {
  sheetId: string;
  rowId: string;
  columnId: string;
  label: string;
}

/** A text with its mentions and its link. */
export interface Draft {
  text: string;
  mentions: readonly Mentioned[];
  link?: Attached;
}

export interface Mentioned {
  id: string;
  name: string;
}

/** A message that the server has not answered for. */
export interface Unsent extends Draft {
  clientId: string;
  /** Milliseconds since 1970: the order of the messages. */
  at: number;
}

export const NO_DRAFT: Draft = { text: "", mentions: [] };

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { text, mentions } = value as Record<string, unknown>;
  return typeof text === "string" && Array.isArray(mentions);
}

function isUnsent(value: unknown): value is Unsent {
  if (!isDraft(value)) return false;
  const { clientId, at } = value as unknown as Record<string, unknown>;
  return typeof clientId === "string" && typeof at === "number";
}

export class Kept {
  readonly #items: Items | undefined;
  readonly #draft: string;
  readonly #unsent: string;

  /** `items`: undefined in a browser without storage; then nothing outlives the page. */
  constructor(items: Items | undefined, accountId: string, thread: string) {
    this.#items = items;
    this.#draft = `${textsOf(accountId)}draft/${thread}`;
    this.#unsent = `${textsOf(accountId)}unsent/${thread}/`;
  }

  #read(key: string): unknown {
    try {
      return JSON.parse(this.#items?.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  #write(key: string, value: unknown): void {
    try {
      if (value === undefined) this.#items?.removeItem(key);
      else this.#items?.setItem(key, JSON.stringify(value));
    } catch {
      // A full disk: the item is lost when the page is closed.
    }
  }

  draft(): Draft {
    const value = this.#read(this.#draft);
    return isDraft(value) ? value : NO_DRAFT;
  }

  keepDraft(draft: Draft): void {
    const isEmpty = draft.text === "" && draft.link === undefined;
    this.#write(this.#draft, isEmpty ? undefined : draft);
  }

  /** The messages that are not sent, the oldest first. */
  unsent(): Unsent[] {
    const items = this.#items;
    if (items === undefined) return [];
    const keys = Array.from({ length: items.length }, (_, at) => items.key(at) ?? "");
    const found = keys.filter((key) => key.startsWith(this.#unsent)).map((key) => this.#read(key));
    return found.filter(isUnsent).sort((a, b) => a.at - b.at);
  }

  keep(unsent: Unsent): void {
    this.#write(this.#unsent + unsent.clientId, unsent);
  }

  forget(clientId: string): void {
    this.#write(this.#unsent + clientId, undefined);
  }
}

/** The storage of this browser; undefined when it refuses access. */
export function browserItems(): Items | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

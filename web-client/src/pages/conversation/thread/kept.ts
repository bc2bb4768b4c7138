// What an account has typed and not sent, in this browser: one item for each draft, each edit and each message.
//
// Each has an item of its own, and a page changes the items alone whose names it holds (see own-draft.ts and
// own-edits.ts). So two tabs never replace the texts of each other, also when both edit one message.
// Invariant: what one account has typed is not shown to another.
import { textsOf } from "../../../live/drafts/unsent.ts";
import { unsentChanged } from "../../../live/drafts/unsent-messages.ts";

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

/** The changed text of a sent message. */
export interface Edited extends Draft {
  /** The text of the message when the change began; undefined in one of an earlier release. */
  base?: string | undefined;
}

/** The name of a changed text, and the number of its message. */
export interface EditName {
  name: string;
  number: bigint;
}

/** A message that the server has not answered for. */
export interface Unsent extends Draft {
  clientId: string;
  /** Milliseconds since 1970: the order of the messages. */
  at: number;
}

export const NO_DRAFT: Draft = { text: "", mentions: [] };

export function isEmpty({ text, link }: Draft): boolean {
  return text === "" && link === undefined;
}

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

/** The time of a draft; one of an earlier release has none. */
function timeOf(draft: Draft): number {
  const { at } = draft as Partial<Unsent>;
  return at ?? 0;
}

export class Kept {
  readonly #items: Items | undefined;
  readonly #draft: string;
  readonly #edit: string;
  readonly #unsent: string;

  /** `items`: undefined in a browser without storage; then nothing outlives the page. */
  constructor(items: Items | undefined, accountId: string, thread: string) {
    const texts = textsOf(accountId);
    this.#items = items;
    this.#draft = `${texts}draft/${thread}`;
    this.#edit = `${texts}edit/${thread}/`;
    this.#unsent = `${texts}unsent/${thread}/`;
  }

  #keys(prefix: string): string[] {
    const items = this.#items;
    if (items === undefined) return [];
    const keys = Array.from({ length: items.length }, (_, at) => items.key(at) ?? "");
    return keys.filter((key) => key.startsWith(prefix));
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
    unsentChanged();
  }

  /** The name of a draft; each page has its own. */
  draftName(id: string): string {
    return `${this.#draft}/${id}`;
  }

  /** The names of all drafts of the thread, the newest first. */
  drafts(): string[] {
    // An earlier release had one for all tabs, with the name of the thread alone.
    const isOwn = (name: string) => name === this.#draft || name.startsWith(this.draftName(""));
    const time = (name: string) => timeOf(this.draft(name));
    const names = this.#keys(this.#draft).filter(isOwn);
    return names.sort((a, b) => time(b) - time(a));
  }

  draft(name: string): Draft {
    const value = this.#read(name);
    return isDraft(value) ? value : NO_DRAFT;
  }

  /** `at`: milliseconds since 1970. */
  keepDraft(name: string, draft: Draft, at: number): void {
    this.#write(name, isEmpty(draft) ? undefined : { ...draft, at });
  }

  /** The name of a changed text; each page that edits a message has its own. */
  editName(number: bigint, id: string): string {
    return `${this.#edit}${number}/${id}`;
  }

  /** The names of all changed texts of the thread, the newest first. */
  edits(): EditName[] {
    const found = this.#keys(this.#edit).flatMap((name): EditName[] => {
      // An earlier release had one for all tabs, with the number alone.
      const [number = ""] = name.slice(this.#edit.length).split("/");
      return /^\d+$/.test(number) ? [{ name, number: BigInt(number) }] : [];
    });
    const time = ({ name }: EditName) => timeOf(this.edit(name) ?? NO_DRAFT);
    return found.sort((a, b) => time(b) - time(a));
  }

  /** The changed text of a name; undefined where there is none. */
  edit(name: string): Edited | undefined {
    const value = this.#read(name);
    return isDraft(value) ? value : undefined;
  }

  /** `at`: milliseconds since 1970. */
  keepEdit(name: string, edit: Edited | undefined, at: number): void {
    this.#write(name, edit && { ...edit, at });
  }

  /** The messages that are not sent, the oldest first. */
  unsent(): Unsent[] {
    const found = this.#keys(this.#unsent).map((key) => this.#read(key));
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

// What an account has left in this browser: edits that the server has not accepted, edits that it refused, and messages
// that are written and not sent.
import { keysFrom, writeItem } from "../../base/storage.ts";
import type { Refused } from "../notices/refused-edits.ts";
import type { Stored } from "./drafts.ts";
import { discard, namesFrom, Slot } from "./storage.ts";

export interface Unsent {
  edits: number;
  sheets: number;
  /** Messages that are not sent, and texts in the fields for them. */
  texts: number;
}

const TEXTS = "gridloom.chat.";

/** Where the texts of an account are in `localStorage`: one item for each. */
export function textsOf(accountId: string): string {
  return `${TEXTS}${accountId}/`;
}

/** The message that an item of `localStorage` is; undefined for any other item. */
export function unsentOfKey(
  key: string,
): { accountId: string; thread: string; clientId: string } | undefined {
  if (!key.startsWith(TEXTS)) return undefined;
  const [accountId = "", kind, thread, clientId] = key.slice(TEXTS.length).split("/");
  if (kind !== "unsent" || thread === undefined || clientId === undefined) return undefined;
  return { accountId, thread, clientId };
}

const KINDS = ["draft", "refused"] as const;

async function namesOf(accountId: string): Promise<string[]> {
  const found = await Promise.all(KINDS.map((kind) => namesFrom(`${kind}/${accountId}/`)));
  return found.flat();
}

async function editsIn(name: string): Promise<number> {
  if (name.startsWith("refused/")) {
    const batches = (await new Slot<Refused>(name).read()) ?? {};
    return Object.values(batches).flat().length;
  }
  const stored = await new Slot<Stored>(name).read();
  // A draft of an earlier release has no count.
  if (stored instanceof Uint8Array) return 1;
  return stored?.edits ?? 0;
}

/** Counts what of an account is only in this browser. */
export async function unsentOf(accountId: string): Promise<Unsent> {
  const unsent = { edits: 0, sheets: new Set<string | undefined>() };
  for (const name of await namesOf(accountId)) {
    const edits = await editsIn(name);
    unsent.edits += edits;
    if (edits > 0) unsent.sheets.add(name.split("/")[2]);
  }
  const texts = keysFrom(textsOf(accountId)).length;
  return { edits: unsent.edits, sheets: unsent.sheets.size, texts };
}

/** Deletes all of an account that is only in this browser. Tabs with open sheets do not store it again. */
export async function discardUnsent(accountId: string): Promise<void> {
  for (const key of keysFrom(textsOf(accountId))) writeItem(key, null);
  await discard(await namesOf(accountId));
}

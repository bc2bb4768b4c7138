// What an account has left in this browser: edits that the server has not accepted, and edits that it refused.
import type { Refused } from "../notices/refused-edits.ts";
import type { Stored } from "./drafts.ts";
import { discard, namesFrom, Slot } from "./storage.ts";

export interface Unsent {
  edits: number;
  sheets: number;
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

/** Counts the edits of an account that are only in this browser, and their sheets. */
export async function unsentOf(accountId: string): Promise<Unsent> {
  const unsent = { edits: 0, sheets: new Set<string | undefined>() };
  for (const name of await namesOf(accountId)) {
    const edits = await editsIn(name);
    unsent.edits += edits;
    if (edits > 0) unsent.sheets.add(name.split("/")[2]);
  }
  return { edits: unsent.edits, sheets: unsent.sheets.size };
}

/** Deletes all edits of an account that are only in this browser. Tabs with open sheets do not store them again. */
export async function discardUnsent(accountId: string): Promise<void> {
  await discard(await namesOf(accountId));
}

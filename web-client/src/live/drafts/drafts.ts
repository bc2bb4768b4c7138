// Drafts: edits that the server has not accepted yet, stored in this browser. A reload, a crash or a closed
// laptop loses none of them.
//
// A draft is the engine's saved state of one tab's sheet. A running tab holds the lock of the draft's name,
// so that no other tab uses the draft. When the tab is gone, the next tab that opens the sheet claims the
// draft. Only one tab may continue a draft, because the server recognises its edits by their numbers.
// Invariants: only the tab that holds a draft's name changes the draft. A tab holds the names of only those
// drafts that it has read and restored: what only another release of the page can restore stays for that.
import { newId } from "../../base/ids.ts";
import { hold } from "../tabs/locks.ts";
import { draftPrefix, namesFrom, Slot } from "./storage.ts";

/** The engine's saved state, and how many edits it has that are not accepted. */
export interface SavedEdits {
  bytes: Uint8Array;
  edits: number;
}

/** The stored form; earlier releases stored only the bytes. */
export type Stored = SavedEdits | Uint8Array;

/** The storage of one draft, held by this tab until it is released. */
export interface Draft {
  /** Whether its content outlives the page. */
  readonly persistent: boolean;
  /** The content that an earlier tab has stored. */
  readonly kept: Uint8Array | undefined;
  /** Stores this state in place of the last one; undefined deletes the draft. */
  keep(saved: SavedEdits | undefined): Promise<void>;
  /** Releases the draft, so that another tab can claim it. */
  release(): void;
}

/** A tab that was frozen while another tab claimed its draft must not continue it: it reloads. */
function lost(): void {
  location.reload();
}

/** A draft with what its content was restored to; undefined without content. */
export interface Restored<T> extends Draft {
  readonly restored: T | undefined;
}

/** Restores the content of the draft with this name; throws where this page can't. */
export type Restore<T> = (name: string, kept: Uint8Array) => T;

async function claim<T>(name: string, restore: Restore<T>): Promise<Restored<T> | undefined> {
  const held = await hold(name, true, lost);
  if (held === undefined) return undefined;
  try {
    const slot = new Slot<Stored>(name);
    const stored = await slot.read();
    const kept = stored instanceof Uint8Array ? stored : stored?.bytes;
    return {
      persistent: true,
      kept,
      restored: kept && restore(name, kept),
      keep: (saved) => slot.write(saved),
      release: held.release,
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

/** A draft that stores nothing, for browsers without storage, such as private windows. */
const NOWHERE: Restored<never> = {
  persistent: false,
  kept: undefined,
  restored: undefined,
  keep: async () => undefined,
  release: () => undefined,
};

/**
 * Claims the drafts of a sheet that closed or crashed tabs have left. A draft that can't be read or restored stays for
 * the next search and does not affect the others.
 */
export async function orphanedDrafts<T>(
  accountId: string,
  sheetId: string,
  restore: Restore<T>,
): Promise<Restored<T>[]> {
  const names = await namesFrom(draftPrefix(accountId, sheetId));
  const claims = await Promise.allSettled(names.map((name) => claim(name, restore)));
  const claimed = claims.map((end) => (end.status === "fulfilled" ? end.value : undefined));
  return claimed.filter((draft) => draft !== undefined);
}

/**
 * Claims the drafts of a sheet that no tab holds. The first is for the page: one that is its own, or a new one. The
 * others have edits of closed tabs.
 */
export async function claimDrafts<T>(
  accountId: string,
  sheetId: string,
  restore: Restore<T>,
  isOwn: (restored: T) => boolean,
): Promise<Restored<T>[]> {
  try {
    const drafts = await orphanedDrafts(accountId, sheetId, restore);
    const own = drafts.find(({ restored }) => restored === undefined || isOwn(restored));
    if (own !== undefined) return [own, ...drafts.filter((draft) => draft !== own)];
    const made = await claim(draftPrefix(accountId, sheetId) + newId(), restore);
    return [made ?? NOWHERE, ...drafts];
  } catch {
    return [NOWHERE];
  }
}

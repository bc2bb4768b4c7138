// Drafts: edits that the server has not accepted yet, stored in this browser. A reload, a crash or a closed
// laptop loses none of them.
//
// A draft is the engine's saved state of one tab's sheet. A running tab holds the lock of the draft's name,
// so that no other tab uses the draft. When the tab is gone, the next tab that opens the sheet claims the
// draft. Only one tab may continue a draft, because the server recognises its edits by their numbers.
// Invariants: only the tab that holds a draft's name changes the draft. A tab holds the names of only those
// drafts that it has read.
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

async function claim(name: string): Promise<Draft | undefined> {
  const held = await hold(name, true, lost);
  if (held === undefined) return undefined;
  try {
    const slot = new Slot<Stored>(name);
    const stored = await slot.read();
    return {
      persistent: true,
      kept: stored instanceof Uint8Array ? stored : stored?.bytes,
      keep: (saved) => slot.write(saved),
      release: held.release,
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

/** A draft that stores nothing, for browsers without storage, such as private windows. */
const NOWHERE: Draft = {
  persistent: false,
  kept: undefined,
  keep: async () => undefined,
  release: () => undefined,
};

/**
 * Claims the drafts of a sheet that closed or crashed tabs have left. A draft that can't be read stays for the
 * next search and does not affect the others.
 */
export async function orphanedDrafts(accountId: string, sheetId: string): Promise<Draft[]> {
  const names = await namesFrom(draftPrefix(accountId, sheetId));
  const claims = await Promise.allSettled(names.map(claim));
  const claimed = claims.map((end) => (end.status === "fulfilled" ? end.value : undefined));
  return claimed.filter((draft) => draft !== undefined);
}

/**
 * Claims the drafts of a sheet that no tab holds, or a new one if there are none. The first is for the page;
 * the others have edits of closed tabs.
 */
export async function claimDrafts(accountId: string, sheetId: string): Promise<Draft[]> {
  try {
    const drafts = await orphanedDrafts(accountId, sheetId);
    if (drafts.length > 0) return drafts;
    return [(await claim(draftPrefix(accountId, sheetId) + newId())) ?? NOWHERE];
  } catch {
    return [NOWHERE];
  }
}

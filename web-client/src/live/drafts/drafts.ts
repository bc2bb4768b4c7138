// Edits that the server has not accepted yet, kept in this browser: a reload, a crash or a closed
// laptop loses none of them.
//
// A draft is what the engine saves of one tab's sheet. As long as the tab lives it holds the draft's
// name, so another tab of the same person leaves the draft alone; when the tab is gone, the next tab
// that opens the sheet takes the draft over. That matters: the server knows edits by their numbers, so
// only one may go on from a draft.
// Invariants: only the tab that holds a draft's name changes the draft; a tab holds the names of only
// those drafts that it has read.
import { createStore, del, get, keys, set } from "idb-keyval";
import { newId } from "../../base/ids.ts";
import { hold } from "../tabs/locks.ts";

/** A draft's place, held by this tab until it is let go. */
export interface Draft {
  /** Whether what is kept there outlives the page. */
  readonly lasting: boolean;
  /** What was kept there by a tab that is gone. */
  readonly kept: Uint8Array | undefined;
  /** Keeps these bytes in place of the last ones; undefined: nothing has to be kept any more. */
  keep(bytes: Uint8Array | undefined): Promise<void>;
  /** Lets others take it over. */
  release(): void;
}

const store = createStore("gridloom", "drafts");

/** A tab that was frozen while another one took its draft over must not go on from it. */
function lost(): void {
  location.reload();
}

async function claim(name: string): Promise<Draft | undefined> {
  const held = await hold(name, true, lost);
  if (held === undefined) return undefined;
  try {
    const kept = await get<Uint8Array>(name, store);
    return {
      lasting: true,
      kept,
      keep: (bytes) => (bytes === undefined ? del(name, store) : set(name, bytes, store)),
      release: held.release,
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

/** A place that keeps nothing, for browsers that do not let us: private windows, old ones. */
const NOWHERE: Draft = {
  lasting: false,
  kept: undefined,
  keep: async () => undefined,
  release: () => undefined,
};

function prefixOf(accountId: string, sheetId: string): string {
  return `draft/${accountId}/${sheetId}/`;
}

/**
 * The drafts of a sheet that tabs which are gone have left behind; now this tab holds them. A draft that
 * can't be read stays for the next look and keeps back no other.
 */
export async function orphanedDrafts(accountId: string, sheetId: string): Promise<Draft[]> {
  const prefix = prefixOf(accountId, sheetId);
  const names = (await keys<string>(store)).filter((name) => name.startsWith(prefix));
  const claims = await Promise.allSettled(names.map(claim));
  const claimed = claims.map((end) => (end.status === "fulfilled" ? end.value : undefined));
  return claimed.filter((draft) => draft !== undefined);
}

/**
 * The drafts of a sheet that nobody holds, and at least one place for a new one: the first is for the
 * page, the others for edits of tabs that are gone.
 */
export async function claimDrafts(accountId: string, sheetId: string): Promise<Draft[]> {
  try {
    const drafts = await orphanedDrafts(accountId, sheetId);
    if (drafts.length > 0) return drafts;
    return [(await claim(prefixOf(accountId, sheetId) + newId())) ?? NOWHERE];
  } catch {
    return [NOWHERE];
  }
}

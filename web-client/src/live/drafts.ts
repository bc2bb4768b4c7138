// Edits that the server has not accepted yet, kept in this browser: a reload, a crash or a closed
// laptop loses none of them.
//
// A draft is what the engine saves of one tab's sheet. As long as the tab lives it holds a lock of the
// draft's name, so another tab of the same person leaves the draft alone; the browser frees the lock
// when the tab is gone, and whoever opens the sheet next takes the draft over. That matters: the
// server knows edits by their numbers, so only one may go on from a draft.
// Invariant: a draft is changed only by who holds its lock.
import { createStore, del, get, keys, set } from "idb-keyval";

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

/** Holds a lock until the returned function is called; undefined when somebody else holds it. */
function hold(name: string): Promise<(() => void) | undefined> {
  return new Promise((held, failed) => {
    const request = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) return held(undefined);
      return new Promise<void>((release) => held(release));
    });
    request.catch(failed);
  });
}

async function claim(name: string): Promise<Draft | undefined> {
  const release = await hold(name);
  if (release === undefined) return undefined;
  const kept = await get<Uint8Array>(name, store);
  return {
    lasting: true,
    kept,
    keep: (bytes) => (bytes === undefined ? del(name, store) : set(name, bytes, store)),
    release,
  };
}

/** A place that keeps nothing, for browsers that do not let us: private windows, old ones. */
const NOWHERE: Draft = {
  lasting: false,
  kept: undefined,
  keep: async () => undefined,
  release: () => undefined,
};

/**
 * The drafts of a sheet that nobody holds, and at least one place for a new one: the first is for the
 * page, the others for edits of tabs that are gone.
 */
export async function claimDrafts(accountId: string, sheetId: string): Promise<Draft[]> {
  const prefix = `draft/${accountId}/${sheetId}/`;
  try {
    const names = (await keys<string>(store)).filter((name) => name.startsWith(prefix));
    const claimed = await Promise.all(names.map(claim));
    const drafts = claimed.filter((draft) => draft !== undefined);
    if (drafts.length > 0) return drafts;
    return [(await claim(prefix + crypto.randomUUID())) ?? NOWHERE];
  } catch {
    return [NOWHERE];
  }
}

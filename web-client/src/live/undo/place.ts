// The place of this tab: undo takes back what was done at the same place (see `Hello.place`).
//
// The tab keeps its place over reloads, in sessionStorage. A duplicated tab begins with a copy of that. So each tab
// holds a name for its place, and a tab whose place another living tab holds makes a new one.
// Invariant: two living tabs have different places, except where the browser has no storage to tell them apart.
import { newPlace } from "../../base/ids.ts";
import { hold } from "../tabs/locks.ts";

const KEY = "gridloom-place";
/** A page that is being reloaded holds its name until it is gone: so many attempts ... */
const ATTEMPTS = 6;
/** ... in this many milliseconds each. */
const ATTEMPT_MILLIS = 50;

/** The storage of one tab, and its names. */
export interface Tab {
  read(): string | null;
  write(place: string): void;
  /** Whether this tab holds the name from now on. */
  hold(name: string): Promise<boolean>;
  pause(millis: number): Promise<void>;
}

const tab: Tab = {
  read: () => sessionStorage.getItem(KEY),
  write: (place) => sessionStorage.setItem(KEY, place),
  hold: async (name) => (await hold(name, true, () => location.reload())) !== undefined,
  pause: (millis) => new Promise((done) => setTimeout(done, millis)),
};

let own: Promise<bigint> | undefined;

/** The place of this tab. */
export function ownPlace(): Promise<bigint> {
  own ??= placeOf(tab);
  return own;
}

export async function placeOf(tab: Tab): Promise<bigint> {
  const held = (place: bigint) => tab.hold(`place/${place}`);
  try {
    const kept = tab.read();
    if (kept !== null && /^[1-9]\d{0,14}$/.test(kept)) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (await held(BigInt(kept))) return BigInt(kept);
        await tab.pause(ATTEMPT_MILLIS);
      }
    }
    const made = newPlace();
    tab.write(String(made));
    await held(made);
    return made;
  } catch {
    // A browser without storage: the place lasts as long as this page.
    return newPlace();
  }
}

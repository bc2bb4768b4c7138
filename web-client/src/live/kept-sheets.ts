// Sheets that the page has left: they stay open for a while, so that returning to one is immediate and its last edits
// reach the server.
//
// Invariants: at most KEPT_MOST sheets, each for at most KEPT_MILLIS. A page without room keeps none for a return. Edits
// that are not accepted by the end stay in the draft. All are of the account that is signed in.
import type { LiveSheet } from "./live-sheet.ts";

const KEPT_MOST = 3;
const KEPT_MILLIS = 30_000;

/** What a sheet has to offer to be kept. */
type Keepable = Pick<LiveSheet, "close" | "isClosed" | "pending" | "status">;

interface Kept<S> {
  key: string;
  sheet: S;
  /** Whether the person may return to it; else it stays until its edits are accepted. */
  stays: boolean;
  stop: () => void;
}

/** Clock and resources; tests provide their own. */
interface Environment {
  after(millis: number, then: () => void): () => void;
  /** Whether the page has memory and connections for sheets that it does not show. */
  hasRoom(): boolean;
}

export class KeptSheets<S extends Keepable> {
  readonly #environment: Environment;
  #kept: Kept<S>[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The page leaves a sheet; `stays`: the person may return to it. */
  leave(key: string, sheet: S, stays: boolean): void {
    const returns = stays && this.#environment.hasRoom();
    const kept: Kept<S> = { key, sheet, stays: returns, stop: () => undefined };
    const cancel = this.#environment.after(KEPT_MILLIS, () => this.#close(kept));
    const unsubscribe = sheet.status.subscribe(() => this.#check(kept));
    kept.stop = () => {
      cancel();
      unsubscribe();
    };
    this.#kept.push(kept);
    this.#check(kept);
    const [oldest] = this.#kept;
    if (oldest !== undefined && this.#kept.length > KEPT_MOST) this.#close(oldest);
  }

  /** Takes a sheet that was left and is still open. */
  take(key: string): S | undefined {
    const found = this.#kept.findLast((kept) => kept.key === key);
    if (found === undefined) return undefined;
    this.#remove(found);
    return found.sheet;
  }

  /** The person can't return any more: sheets without unsaved edits are closed. */
  end(): void {
    for (const kept of [...this.#kept]) {
      kept.stays = false;
      this.#check(kept);
    }
  }

  /** Closes all sheets whose key does not begin so: another account is signed in, or none. */
  closeOthers(prefix: string): void {
    for (const kept of [...this.#kept]) if (!kept.key.startsWith(prefix)) this.#close(kept);
  }

  /** Closes a sheet that there is no reason to keep. */
  #check(kept: Kept<S>): void {
    const { sheet, stays } = kept;
    if (sheet.isClosed() || (!stays && sheet.pending() === 0)) this.#close(kept);
  }

  #close(kept: Kept<S>): void {
    this.#remove(kept);
    kept.sheet.close();
  }

  #remove(kept: Kept<S>): void {
    kept.stop();
    this.#kept = this.#kept.filter((other) => other !== kept);
  }
}

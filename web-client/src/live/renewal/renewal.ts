// Renews the access token at half of its life, so that a page that stays open continues. One tab of the browser renews;
// the others take the new token from localStorage.
//
// What it is not: it does not sign in again. A token that has ended stays so, and a dialog asks the person. A token whose
// sign-in is too old is not renewed any more.
// Invariant: no token takes the place of one that a person has signed out.
import type { Session } from "../../api/session.ts";

/** Timers run late after a computer has slept, so the time is checked at this interval. */
export const CHECK_MILLIS = 60_000;
/** After an attempt that failed, or that another tab makes. */
export const AGAIN_MILLIS = 5_000;

/** Clock, lock, session and calls; tests provide their own. */
export interface RenewalEnvironment {
  now(): number;
  after(millis: number, then: () => void): () => void;
  /** The right to renew; undefined while another tab has it. */
  hold(): Promise<{ release(): void } | undefined>;
  /** The session of this tab, while the server accepts its token. */
  valid(): Session | null;
  /** The session of all tabs. */
  stored(): Session | null;
  /** Asks for another token and stores it. `too-old`: there will be none. */
  renew(session: Session): Promise<"renewed" | "too-old">;
}

export class Renewal {
  readonly #environment: RenewalEnvironment;
  #cancel: () => void = () => undefined;
  #isRenewing = false;
  /** The token that is not renewed any more. */
  #last = "";

  constructor(environment: RenewalEnvironment) {
    this.#environment = environment;
  }

  /** Renews the token if it is time, else looks again later. */
  readonly check = (): void => {
    this.#cancel();
    const session = this.#environment.valid();
    if (session === null || this.#isRenewing || session.token === this.#last) return;
    const left = session.renewAt - this.#environment.now();
    if (left > 0) this.#checkIn(Math.min(left, CHECK_MILLIS));
    else void this.#renew(session);
  };

  #checkIn(millis: number): void {
    this.#cancel();
    this.#cancel = this.#environment.after(millis, this.check);
  }

  async #renew(session: Session): Promise<void> {
    const { hold, stored, renew } = this.#environment;
    this.#isRenewing = true;
    try {
      const claim = await hold();
      try {
        // Another tab may have renewed it before this one had the lock.
        if (claim === undefined || stored()?.token !== session.token) return;
        if ((await renew(session)) === "too-old") this.#last = session.token;
      } finally {
        claim?.release();
      }
    } catch {
      // The token is valid still, or the refusal has its dialog.
    } finally {
      this.#isRenewing = false;
      this.#checkIn(AGAIN_MILLIS);
    }
  }
}

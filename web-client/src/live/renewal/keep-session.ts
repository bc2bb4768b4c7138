// Keeps the session of the page valid while it is open: the browser's parts of `Renewal`, and the locale of the account.
import { reasonOf } from "../../api/reasons.ts";
import {
  oldSignIn,
  renewSession,
  type Session,
  session,
  storedSession,
  tokenState,
} from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import type { Session as WireSession } from "../../gen/gridloom/v1/accounts_pb.ts";
import { browser } from "../browser.ts";
import { hold } from "../tabs/locks.ts";
import { takeAccount } from "./own-account.ts";
import { Renewal } from "./renewal.ts";

const LOCK = "gridloom-renewal";

async function renew(old: Session): Promise<"renewed" | "too-old"> {
  const wire = await next(old);
  if (wire === undefined) return "too-old";
  if (renewSession(old, wire)) return "renewed";
  // The person has signed out meanwhile, so the new token ends, too.
  await accounts.signOut({}, { headers: { authorization: `Bearer ${wire.token}` } });
  return "renewed";
}

/** Another token; undefined where the sign-in is too old, which the dialog after the end of the token shows. */
async function next(old: Session): Promise<WireSession | undefined> {
  try {
    return (await accounts.renewToken({})).session;
  } catch (error) {
    const { name, facts } = reasonOf(error);
    if (name !== "SIGN_IN_TOO_OLD") throw error;
    oldSignIn.set({ token: old.token, days: facts.get("days") ?? "" });
    return undefined;
  }
}

/** Renews the token for the lifetime of the page; takes the locale of the account once. */
export function keepSession(): void {
  takeAccount().catch(() => undefined);
  const renewal = new Renewal({
    now: browser.now,
    after: browser.after,
    // To lose the name on plain http is harmless: two tabs renew, and the later token stays.
    hold: () => hold(LOCK, false, () => undefined),
    valid: () => (tokenState.get() === "valid" ? session.get() : null),
    stored: storedSession,
    renew,
  });
  session.subscribe(renewal.check);
  browser.onVisibility(renewal.check);
  renewal.check();
}

// Keeps the session of the page valid while it is open: the browser's parts of `Renewal`.
import {
  renewSession,
  type Session,
  session,
  storedSession,
  tokenState,
} from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { browser } from "../browser.ts";
import { hold } from "../tabs/locks.ts";
import { Renewal } from "./renewal.ts";

const LOCK = "gridloom-renewal";

async function renew(old: Session): Promise<void> {
  const { session: wire } = await accounts.renewToken({});
  if (wire === undefined || renewSession(old, wire)) return;
  // The person has signed out meanwhile, so the new token ends, too.
  await accounts.signOut({}, { headers: { authorization: `Bearer ${wire.token}` } });
}

/** Renews the token for the lifetime of the page. */
export function keepSession(): void {
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

// Sets the language of the browser for a new account, and shows that it has.
//
// Invariants: an account that was there before keeps what it has: its programs read texts by no language, until its person
// chooses one. A choice that was made by another program stays.
import { useEffect } from "react";
import { accountChanged, isNewAccount, type Session, session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import { showToast } from "../../ui/toasts.ts";
import { firstLocaleText } from "./first-locale-text.ts";

/** A number and a day of a locale; none where the engine can't be loaded. */
async function examplesOf(locale: string): Promise<string[]> {
  try {
    const { loadEngine, localeExample } = await import("../../live/engine/engine.ts");
    await loadEngine();
    return localeExample(locale);
  } catch {
    return [];
  }
}

async function readLocale(user: Session): Promise<void> {
  // The name and the colour may have changed meanwhile.
  const changed = (locale: string) => {
    const now = session.get();
    const isStill = now?.accountId === user.accountId;
    if (isStill) accountChanged({ ...now, locale });
    return isStill;
  };
  const { account } = await accounts.whoAmI({});
  if (account?.id !== user.accountId) return;
  if (account.locale !== undefined) {
    changed(account.locale);
    return;
  }
  if (!isNewAccount(user)) return;
  const locale = navigator.language;
  // With the colour: a server of an earlier release would reset a name without it.
  const { color } = account;
  const kept = await accounts.updateAccount({ color, locale, onlyFirstLocale: true });
  if (kept.account?.locale === undefined || !changed(kept.account.locale)) return;
  if (kept.account.locale !== locale) return;
  const change = { label: "Change", run: () => navigate("/account") };
  showToast("info", firstLocaleText(locale, await examplesOf(locale)), change);
}

export function useFirstLocale(): void {
  const user = useStore(session);
  const token = user?.locale === undefined ? user?.token : undefined;
  useEffect(() => {
    const now = session.get();
    // A language that the server does not know is none.
    if (token !== undefined && now !== null) readLocale(now).catch(() => {});
  }, [token]);
}

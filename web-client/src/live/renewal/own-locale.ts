// Takes the locale of the account: another program may have changed it since this browser stored it.
//
// Not here: the first locale of a new account. Invariant: a choice that is made here while the server is asked stays.
import { accountChanged, isGuest, session } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";

/** Asks the server once. Until its answer, and where none comes, the page reads by the locale that it has. */
export async function takeLocale(): Promise<void> {
  const asked = session.get();
  if (asked === null || isGuest(asked)) return;
  const { account } = await accounts.whoAmI({});
  const now = session.get();
  // An earlier server knows no locale.
  if (now === null || account?.locale === undefined || account.id !== now.accountId) return;
  const isChosenHere = now.locale !== asked.locale;
  if (!isChosenHere && account.locale !== now.locale)
    accountChanged({ ...now, locale: account.locale });
}

// Takes the locale and the right of an operator from the account: both may have changed since this browser stored it.
//
// Not here: the first locale of a new account. Invariant: a choice that is made here while the server is asked stays.
import { accountChanged, isGuest, session, takeRight } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";

/** Asks the server once. Until its answer, and where none comes, the page reads by the locale that it has. */
export async function takeAccount(): Promise<void> {
  const asked = session.get();
  if (asked === null || isGuest(asked)) return;
  const { account } = await accounts.whoAmI({});
  const now = session.get();
  if (now === null || account === undefined || account.id !== now.accountId) return;
  takeRight(account);
  // An earlier server knows no locale.
  if (account.locale === undefined) return;
  const isChosenHere = now.locale !== asked.locale;
  if (!isChosenHere && account.locale !== now.locale)
    accountChanged({ ...now, locale: account.locale });
}

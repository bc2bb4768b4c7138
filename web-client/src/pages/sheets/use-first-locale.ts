// Keeps the language of the browser for an account that has chosen none, so that programs read its texts as the page does.
//
// Invariant: a choice that was made elsewhere stays.
import { createClient } from "@connectrpc/connect";
import { useEffect } from "react";
import { accountChanged, type Session, session } from "../../api/session.ts";
import { transport } from "../../api/transport.ts";
import { useStore } from "../../base/store.ts";
import { AccountService } from "../../gen/gridloom/v1/accounts_pb.ts";

const accounts = createClient(AccountService, transport);

async function keepFirst(user: Session): Promise<void> {
  const { account } = await accounts.whoAmI({});
  if (account === undefined) return;
  const { color } = account;
  // With the colour: a server of an earlier release would reset a name without it.
  const keep = () => accounts.updateAccount({ color, locale: navigator.language });
  const locale = account.locale ?? (await keep()).account?.locale;
  // The name and the colour may have changed meanwhile.
  const now = session.get();
  if (locale !== undefined && now?.token === user.token) accountChanged({ ...now, locale });
}

export function useFirstLocale(): void {
  const user = useStore(session);
  const token = user?.locale === undefined ? user?.token : undefined;
  useEffect(() => {
    const now = session.get();
    // A language that the server does not know is none; it is asked again at the next visit.
    if (token !== undefined && now !== null) keepFirst(now).catch(() => {});
  }, [token]);
}

// The messages of this page's account that are not sent: one instance, for the account that is signed in.
//
// What it is not: a part of the first page. Only parts that load later import it.
import { session } from "../../api/session.ts";
import { browser } from "../browser.ts";
import { onUnsentChange, storedItems, UnsentMessages } from "./unsent-messages.ts";

const { now, after } = browser;

export const unsentMessages = new UnsentMessages({ items: storedItems, now, after });

const follow = () => unsentMessages.follow(session.get()?.accountId);
session.subscribe(follow);
onUnsentChange(unsentMessages.look);
follow();

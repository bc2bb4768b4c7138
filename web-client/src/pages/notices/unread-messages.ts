// The number of threads with unread messages, and of messages that are not sent. The part that counts them loads later;
// the menu is in the first page.
import { Store } from "../../base/store.ts";

export const unreadMessages = new Store(0);
export const messagesNotSent = new Store(0);

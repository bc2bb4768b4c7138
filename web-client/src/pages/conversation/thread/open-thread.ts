// Opens a thread for a conversation. What is on its way is sent also when the conversation is closed.
//
// Invariant: no message is sent for another account than the one that wrote it.
import { Code, ConnectError } from "@connectrpc/connect";
import { session } from "../../../api/session.ts";
import { keyOf, type Target } from "../../../api/target.ts";
import { newId } from "../../../base/ids.ts";
import { browser } from "../../../live/browser.ts";
import { unsentOfKey } from "../../../live/drafts/unsent.ts";
import { inbox } from "../../../live/inbox/inbox.ts";
import { showToast } from "../../../ui/toasts.ts";
import { callsFor } from "./calls.ts";
import { browserItems, Kept } from "./kept.ts";
import { LiveThread } from "./live-thread.ts";
import { Outbox } from "./outbox.ts";

const { now, after } = browser;
/** The outboxes of this page, by thread. */
const outboxes = new Map<string, Outbox>();
let account = session.get()?.accountId;

session.subscribe(() => {
  const next = session.get()?.accountId;
  for (const outbox of outboxes.values())
    if (next === account) outbox.retryAll();
    else outbox.stop();
  if (next !== account) outboxes.clear();
  account = next;
});

browser.onNetwork(
  () => {
    for (const outbox of outboxes.values()) outbox.retryAll();
  },
  () => {
    for (const outbox of outboxes.values()) outbox.networkLost();
  },
);

// Another tab has sent or discarded a message: this one does not send it any more.
addEventListener("storage", ({ key, newValue }) => {
  const message = newValue === null && key !== null ? unsentOfKey(key) : undefined;
  if (message !== undefined)
    outboxes.get(`${message.accountId}/${message.thread}`)?.remove(message.clientId);
});

/** Removes a message that the person does not want to send any more, from any place of this page. */
export function removeUnsent(accountId: string, thread: string, clientId: string): void {
  const outbox = outboxes.get(`${accountId}/${thread}`);
  if (outbox === undefined) new Kept(browserItems(), accountId, thread).forget(clientId);
  else outbox.remove(clientId);
}

/** What a conversation needs of its thread. */
export interface OpenThread {
  thread: LiveThread;
  outbox: Outbox;
  kept: Kept;
}

/** What an author reads about persons who were to be mentioned. */
export function unmentionedText(names: readonly string[]): string {
  const list = new Intl.ListFormat().format(names);
  return `${list} can't read this conversation, and the message does not mention them.`;
}

/** Stays until the author has read it. */
export function showUnmentioned(names: readonly string[]): void {
  if (names.length > 0) showToast("info", unmentionedText(names), undefined, { stays: true });
}

function outboxOf(accountId: string, target: Target, kept: Kept): Outbox {
  const key = `${accountId}/${keyOf(target)}`;
  const known = outboxes.get(key);
  if (known !== undefined) return known;
  const calls = callsFor(target);
  const outbox = new Outbox({
    kept,
    now,
    after,
    newId,
    send: async (unsent, signal) => {
      if (session.get()?.accountId !== accountId) throw new ConnectError("", Code.Unauthenticated);
      return await calls.send(unsent, signal);
    },
    onUnmentioned: showUnmentioned,
  });
  outboxes.set(key, outbox);
  return outbox;
}

/** Opens a thread for the account of this page; `start` and `stop` of the thread follow. */
export function openThread(target: Target, accountId: string): OpenThread {
  const kept = new Kept(browserItems(), accountId, keyOf(target));
  const outbox = outboxOf(accountId, target, kept);
  const surroundings = { target, own: accountId, events: inbox, outbox, clock: browser };
  return { thread: new LiveThread({ ...surroundings, calls: callsFor(target) }), outbox, kept };
}

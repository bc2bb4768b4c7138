// Signing out: the server ends the token, and this browser forgets the account. Edits that are only in this browser,
// and files under way, are asked about first.
//
// Invariant: no edit and no typed text is deleted unless the person discards it, and none stays in this browser unless
// the person keeps it. A session that the server ends keeps all of them.
import { Code } from "@connectrpc/connect";
import { errorText, hasCode } from "../../api/errors.ts";
import { endSession, type Session, session, tokenState } from "../../api/session.ts";
import { accounts } from "../../api/transport.ts";
import { Store } from "../../base/store.ts";
import { underWay } from "../../base/under-way.ts";
import { writeDrafts } from "../../live/drafts/draft-writer.ts";
import { discardUnsent, type Unsent, unsentOf } from "../../live/drafts/unsent.ts";
import { clearToasts, showToast, toasts } from "../../ui/toasts.ts";
import { forgetTabs } from "../panes/tabs-item.ts";

interface SignOut {
  /** Ends all sessions of the account, on every device. */
  everywhere?: boolean;
  /** Runs before the session ends. */
  before?: () => void;
}

export interface Question extends SignOut, Unsent {
  user: Session;
  /** Messages of this page that stay; some have a text that could not be written. */
  messages: number;
  /** Uploads of this tab, which end. */
  transfers: number;
}

/** What the person is asked now. */
export const question = new Store<Question | undefined>(undefined);

/** The edits of an account that are only in this browser. */
export async function unsentNow(accountId: string): Promise<Unsent> {
  await writeDrafts();
  // A browser without storage has no edits to ask about.
  return await unsentOf(accountId).catch(() => ({ edits: 0, sheets: 0, texts: 0 }));
}

/** Signs out, after a question about edits that are only in this browser. */
export async function signOut(how: SignOut = {}): Promise<void> {
  const user = session.get();
  if (user === null) return;
  const unsent = await unsentNow(user.accountId);
  const messages = toasts.get().filter(({ stays }) => stays).length;
  const transfers = underWay.get();
  if (unsent.edits + unsent.texts + messages + transfers > 0)
    question.set({ ...how, ...unsent, messages, transfers, user });
  else await leave(how);
}

/** Answers the question. Rejects when the edits can't be discarded. */
export async function answer(asked: Question, what: "keep" | "discard"): Promise<void> {
  if (what === "discard") await discardUnsent(asked.user.accountId);
  question.set(undefined);
  await leave(asked);
}

const UNREACHED =
  "You are signed out in this browser. The server was not reached, so it ends your session when its time is over.";

/** What the server answers to the sign-out; the page leaves whatever that is, unless it is about other devices. */
async function leave({ everywhere = false, before }: SignOut): Promise<void> {
  let isReached = true;
  try {
    if (everywhere) await accounts.signOutEverywhere({});
    else if (tokenState.get() === "valid") await accounts.signOut({});
  } catch (error) {
    if (everywhere) return showToast("error", errorText(error));
    isReached = hasCode(error, Code.Unauthenticated);
  }
  before?.();
  const user = session.get();
  if (user !== null) forgetTabs(user.accountId);
  endSession();
  if (!isReached) showToast("info", UNREACHED);
}

let account = session.get()?.accountId;
session.subscribe(() => {
  const next = session.get()?.accountId;
  if (account !== undefined && account !== next) clearToasts();
  account = next;
});

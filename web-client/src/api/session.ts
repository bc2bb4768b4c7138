// The session of the account that is signed in. localStorage keeps its token beyond the page, and other tabs
// follow its changes.
//
// Only the server decides that a token is invalid: this computer's clock may be wrong. The session stays in
// place then, so that the page remains open while the person signs in again.
import { readItem, writeItem } from "../base/storage.ts";
import { Store } from "../base/store.ts";
import type { Account, Session as WireSession } from "../gen/gridloom/v1/accounts_pb.ts";

export interface Session {
  token: string;
  accountId: string;
  email: string;
  displayName: string;
  /** For a guest: the token of the link that it came by. */
  link?: string;
}

/** A guest is an account without an e-mail address. */
export function isGuest({ email }: Session): boolean {
  return email === "";
}

const KEY = "gridloom.session";
/** There from the deletion of an account until its page is left. */
const DELETED = "gridloom.deleted";

function isSession(value: unknown): value is Session {
  if (typeof value !== "object" || value === null) return false;
  const s = value as Record<string, unknown>;
  return ["token", "accountId", "email", "displayName"].every((key) => typeof s[key] === "string");
}

/** Parses the stored session; null when there is none or it is malformed. */
export function parseSession(text: string | null): Session | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isSession(value) ? value : null;
  } catch {
    return null;
  }
}

/** The present session; null when no account is signed in. */
export const session = new Store<Session | null>(parseSession(readItem(KEY)));

/** valid: the server accepts the token. ended: a dialog asks to sign in. later: the person closed it. */
export const tokenState = new Store<"valid" | "ended" | "later">("valid");

/** True: the account of this browser was deleted, which a page shows. */
export const deleted = new Store(readItem(DELETED) !== null);

function setDeleted(next: boolean): void {
  writeItem(DELETED, next ? "1" : null);
  deleted.set(next);
}

function take(next: Session | null): void {
  tokenState.set("valid");
  session.set(next);
}

export function beginSession(wire: WireSession): void {
  const next: Session = {
    token: wire.token,
    accountId: wire.account?.id ?? "",
    email: wire.account?.email ?? "",
    displayName: wire.account?.displayName ?? "",
  };
  begin(next);
}

function begin(next: Session): void {
  setDeleted(false);
  writeItem(KEY, JSON.stringify(next));
  take(next);
}

/** A person without an account enters by a link. */
export function beginGuest(guest: Omit<Required<Session>, "email">): void {
  begin({ ...guest, email: "" });
}

/** The account has another name now. */
export function renamed({ displayName }: Account): void {
  const old = session.get();
  if (old === null) return;
  const next = { ...old, displayName };
  writeItem(KEY, JSON.stringify(next));
  session.set(next);
}

/** The person signs out, or has deleted the account. */
export function endSession(how: "signed-out" | "deleted" = "signed-out"): void {
  setDeleted(how === "deleted");
  writeItem(KEY, null);
  take(null);
}

/** The person has read that the account is deleted. */
export function leaveDeleted(): void {
  setDeleted(false);
}

/** Records that the server refuses a token, unless another token has replaced it. */
export function tokenRefused(token: string): void {
  if (session.get()?.token === token && tokenState.get() === "valid") tokenState.set("ended");
}

/** Shows the dialog to sign in again. */
export function askToSignIn(): void {
  if (tokenState.get() !== "valid") tokenState.set("ended");
}

// A sign-in, a sign-out or another name in one tab applies to all tabs.
if (typeof window !== "undefined") {
  window.addEventListener("storage", ({ key }) => {
    if (key === DELETED || key === null) deleted.set(readItem(DELETED) !== null);
    if (key !== KEY && key !== null) return;
    const next = parseSession(readItem(KEY));
    if (next?.token !== session.get()?.token) take(next);
    else if (next?.displayName !== session.get()?.displayName) session.set(next);
  });
}

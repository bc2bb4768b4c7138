// The session of the account that is signed in. localStorage keeps its token beyond the page, and other tabs
// follow its changes.
//
// Only the server decides that a token is invalid: this computer's clock may be wrong. The session stays in
// place then, so that the page remains open while the person signs in again.
import { noteColor } from "../base/person-color.ts";
import { readItem, writeItem } from "../base/storage.ts";
import { Store } from "../base/store.ts";
import type { Account, Session as WireSession } from "../gen/gridloom/v1/accounts_pb.ts";

/** The share of a token's life after which another one takes its place. */
const RENEWED_AT = 0.5;

/** The tag of no language. */
const NO_LOCALE = "und";
/** How long an account is new after its sign-up. */
const NEW_MILLIS = 10 * 60_000;

export interface Session {
  token: string;
  accountId: string;
  email: string;
  displayName: string;
  /** The number of the chosen colour; 0: none. */
  color: number;
  /** The language tag by which numbers and days are read; undefined: not chosen. */
  locale?: string | undefined;
  /** Until when the account is new, by the clock of this computer; undefined: it was there before. */
  newUntil?: number | undefined;
  /** When another token is to take the place of this one, by the clock of this computer. */
  renewAt: number;
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

const EARLIER = { color: 0, renewAt: 0 };

/** Parses the stored session; null when there is none or it is malformed. */
export function parseSession(text: string | null): Session | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    // A session of an earlier release has no colour, and no time of its renewal.
    return isSession(value) ? { ...EARLIER, ...value } : null;
  } catch {
    return null;
  }
}

/** The present session; null when no account is signed in. */
export const session = new Store<Session | null>(parseSession(readItem(KEY)));

function noteOwnColor(): void {
  const user = session.get();
  if (user !== null) noteColor(user.accountId, user.color);
}

noteOwnColor();
session.subscribe(noteOwnColor);

/** valid: the server accepts the token. ended: a dialog asks to sign in. later: the person closed it. */
export const tokenState = new Store<"valid" | "ended" | "later">("valid");

/** The token that the server renews no more, and for how many days a sign-in is renewed. */
export const oldSignIn = new Store({ token: "", days: "" });

/** The id of the account that has the right of an operator, as far as this page knows; empty: none has. */
export const operatorId = new Store("");

export function takeRight({ id, isOperator }: Pick<Account, "id" | "isOperator">): void {
  operatorId.set(isOperator ? id : "");
}

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

function begin(next: Session): void {
  setDeleted(false);
  writeItem(KEY, JSON.stringify(next));
  take(next);
}

/** When a token is to be renewed that is valid for so many seconds. */
function renewalOf(validSeconds: number): number {
  return Date.now() + validSeconds * 1000 * RENEWED_AT;
}

/** `isNew`: the account was made just now. */
export function beginSession({ account, token, validSeconds }: WireSession, isNew = false): void {
  const { id = "", email = "", displayName = "", color = 0, locale } = account ?? {};
  const renewAt = renewalOf(validSeconds);
  const newUntil = isNew ? Date.now() + NEW_MILLIS : undefined;
  if (account !== undefined) takeRight(account);
  begin({ token, accountId: id, email, displayName, color, locale, newUntil, renewAt });
}

/** Whether the account was made in this browser within the last minutes. */
export function isNewAccount({ newUntil = 0 }: Session, now = Date.now()): boolean {
  return now < newUntil;
}

interface Guest extends Pick<Required<Session>, "token" | "accountId" | "displayName" | "link"> {
  validSeconds: number;
}

/** A person without an account enters by a link. */
export function beginGuest({ validSeconds, ...guest }: Guest): void {
  begin({ ...guest, email: "", color: 0, renewAt: renewalOf(validSeconds) });
}

/** The access token of this tab; empty when no account is signed in. */
export function tokenNow(): string {
  return session.get()?.token ?? "";
}

/** The language tag by which this person's texts are read: the account's, else that of no language, as in programs. */
export function localeNow(): string {
  return session.get()?.locale ?? NO_LOCALE;
}

/** Whether another token has taken the place of one. */
export function isReplaced(token: string): boolean {
  return tokenNow() !== token && tokenNow() !== "";
}

/** The session that all tabs have: this one may not have received its last change yet. */
export function storedSession(): Session | null {
  return parseSession(readItem(KEY));
}

/** Another token takes the place of `old`. False: the session of `old` is over, or has another token already. */
export function renewSession(old: Session, wire: WireSession): boolean {
  const now = storedSession();
  if (now?.token !== old.token) return false;
  const { email, displayName, color, locale } = wire.account ?? now;
  const renewAt = renewalOf(wire.validSeconds);
  begin({ ...now, email, displayName, color, locale, token: wire.token, renewAt });
  return true;
}

/** The account has another name, colour or locale now. */
export function accountChanged({
  displayName,
  color,
  locale,
}: Pick<Account, "displayName" | "color" | "locale">): void {
  const own = session.get();
  if (own === null) return;
  const stored = storedSession();
  // Another tab may have another token for the account, or have signed out.
  const old = stored?.accountId === own.accountId ? stored : own;
  const next = { ...old, displayName, color, locale };
  if (old === stored) writeItem(KEY, JSON.stringify(next));
  if (next.token === own.token) session.set(next);
  else take(next);
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

/** Closes the dialog to sign in again; the status pill of a sheet opens it. */
export function signInLater(): void {
  if (tokenState.get() === "ended") tokenState.set("later");
}

/** Shows the dialog to sign in again. */
export function askToSignIn(): void {
  if (tokenState.get() !== "valid") tokenState.set("ended");
}

// A sign-in, a sign-out, a renewal or another name in one tab applies to all tabs.
if (typeof window !== "undefined") {
  window.addEventListener("storage", ({ key }) => {
    if (key === DELETED || key === null) deleted.set(readItem(DELETED) !== null);
    if (key !== KEY && key !== null) return;
    const next = storedSession();
    if (next?.token !== session.get()?.token) take(next);
    else session.set(next);
  });
}

// Who is signed in. The token outlives the page in localStorage; other tabs follow along.
//
// Only the server says that a token has ended: this computer's clock may be wrong. Who was signed in
// stays known then, so that the page stays as it is while the person signs in again over it.
import { readItem, writeItem } from "../base/storage.ts";
import { Store } from "../base/store.ts";
import type { Session as WireSession } from "../gen/gridloom/v1/accounts_pb.ts";

export interface Session {
  token: string;
  accountId: string;
  email: string;
  displayName: string;
}

const KEY = "gridloom.session";

function isSession(value: unknown): value is Session {
  if (typeof value !== "object" || value === null) return false;
  const s = value as Record<string, unknown>;
  return ["token", "accountId", "email", "displayName"].every((key) => typeof s[key] === "string");
}

/** What storage holds, unless it is malformed. */
export function parseSession(text: string | null): Session | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isSession(value) ? value : null;
  } catch {
    return null;
  }
}

/** The session in effect; null when nobody is signed in. */
export const session = new Store<Session | null>(parseSession(readItem(KEY)));

/** Whether the server takes the session's token: `ended` asks to sign in again, `later` waits. */
export const standing = new Store<"valid" | "ended" | "later">("valid");

function take(next: Session | null): void {
  standing.set("valid");
  session.set(next);
}

export function beginSession(wire: WireSession): void {
  const next: Session = {
    token: wire.token,
    accountId: wire.account?.id ?? "",
    email: wire.account?.email ?? "",
    displayName: wire.account?.displayName ?? "",
  };
  writeItem(KEY, JSON.stringify(next));
  take(next);
}

/** The person signs out. */
export function endSession(): void {
  writeItem(KEY, null);
  take(null);
}

/** The server no longer takes a token. One that has been replaced meanwhile is no news. */
export function tokenRefused(token: string): void {
  if (session.get()?.token === token && standing.get() === "valid") standing.set("ended");
}

/** Asks again to sign in. */
export function askToSignIn(): void {
  if (standing.get() !== "valid") standing.set("ended");
}

// Signing in or out in one tab does so in the others.
if (typeof window !== "undefined") {
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY && event.key !== null) return;
    const next = parseSession(readItem(KEY));
    if (next?.token !== session.get()?.token) take(next);
  });
}

// Who is signed in. The token outlives the page in localStorage; other tabs follow along.
import { readItem, writeItem } from "../app/storage.ts";
import { Store } from "../app/store.ts";
import type { Session as WireSession } from "../gen/gridloom/v1/accounts_pb.ts";

export interface Session {
  token: string;
  accountId: string;
  email: string;
  displayName: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

const KEY = "gridloom.session";

function isSession(value: unknown): value is Session {
  if (typeof value !== "object" || value === null) return false;
  const s = value as Record<string, unknown>;
  const texts = ["token", "accountId", "email", "displayName"];
  return texts.every((key) => typeof s[key] === "string") && typeof s.expires === "number";
}

/** What storage holds, unless it is malformed or over. */
export function parseSession(text: string | null, now: number): Session | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isSession(value) && value.expires > now ? value : null;
  } catch {
    return null;
  }
}

/** The session in effect; null when nobody is signed in. */
export const session = new Store<Session | null>(parseSession(readItem(KEY), Date.now()));

export function beginSession(wire: WireSession): void {
  const next: Session = {
    token: wire.token,
    accountId: wire.account?.id ?? "",
    email: wire.account?.email ?? "",
    displayName: wire.account?.displayName ?? "",
    expires: Number(wire.expiresMicros / 1000n),
  };
  writeItem(KEY, JSON.stringify(next));
  session.set(next);
}

export function endSession(): void {
  writeItem(KEY, null);
  session.set(null);
}

// Signing out in one tab signs out the others.
if (typeof window !== "undefined") {
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null)
      session.set(parseSession(readItem(KEY), Date.now()));
  });
}

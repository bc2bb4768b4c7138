import { create } from "@bufbuild/protobuf";
import { expect, test, vi } from "vitest";
import { AccountSchema, SessionSchema } from "../gen/gridloom/v1/accounts_pb.ts";
import {
  accountChanged,
  beginSession,
  endSession,
  isNewAccount,
  localeNow,
  session,
  storedSession,
  tokenNow,
} from "./session.ts";

const KEY = "gridloom.session";
const account = create(AccountSchema, { id: "a", email: "ada@example.org", displayName: "Ada" });
const wire = create(SessionSchema, { account, token: "t", validSeconds: 60 });

function isNew(now?: number): boolean {
  const user = session.get();
  return user !== null && isNewAccount(user, now);
}

test("an account without a locale is read by no language, whatever the browser", () => {
  beginSession(wire);
  expect(localeNow()).toBe("und");
  accountChanged(create(AccountSchema, { ...account, locale: "de" }));
  expect(localeNow()).toBe("de");
});

test("an account is new for minutes after its sign-up, and not after a sign-in", () => {
  beginSession(wire);
  expect(isNew()).toBe(false);
  beginSession(wire, true);
  expect(isNew()).toBe(true);
  expect(isNew(Date.now() + 11 * 60_000)).toBe(false);
});

test("another name keeps the token of another tab, and no tab signs in again by it", () => {
  const items = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
    removeItem: (key: string) => items.delete(key),
  });
  beginSession(wire);
  const text = items.get(KEY) ?? "";
  // Another tab has renewed the token; this one has not received that yet.
  items.set(KEY, JSON.stringify({ ...JSON.parse(text), token: "newer" }));
  const named = create(AccountSchema, { ...account, displayName: "Ada L." });
  accountChanged(named);
  expect(storedSession()).toMatchObject({ token: "newer", displayName: "Ada L." });
  expect([tokenNow(), session.get()?.displayName]).toEqual(["newer", "Ada L."]);
  for (const other of [undefined, "b"]) {
    beginSession(wire);
    if (other === undefined) items.delete(KEY);
    else items.set(KEY, JSON.stringify({ ...JSON.parse(text), accountId: other }));
    accountChanged(named);
    expect(storedSession()?.accountId).toBe(other);
  }
  endSession();
  vi.unstubAllGlobals();
});

import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AccountSchema, SessionSchema } from "../gen/gridloom/v1/accounts_pb.ts";
import { accountChanged, beginSession, isNewAccount, localeNow, session } from "./session.ts";

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

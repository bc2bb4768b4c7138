// The locale of the account, changed by another program while this browser had the old one.
import { create } from "@bufbuild/protobuf";
import { beforeEach, expect, test, vi } from "vitest";
import { accountChanged, beginSession, localeNow, session } from "../../api/session.ts";
import { type Account, AccountSchema, SessionSchema } from "../../gen/gridloom/v1/accounts_pb.ts";
import { takeLocale } from "./own-locale.ts";

const whoAmI = vi.hoisted(() => vi.fn<() => Promise<{ account?: unknown }>>());
vi.mock("../../api/transport.ts", () => ({ accounts: { whoAmI } }));

function account(locale?: string): Account {
  const given = { id: "a", email: "ada@example.org", displayName: "Ada" };
  return create(AccountSchema, locale === undefined ? given : { ...given, locale });
}

beforeEach(() => {
  beginSession(create(SessionSchema, { account: account("de"), token: "t", validSeconds: 60 }));
  whoAmI.mockReset();
});

test("a locale that another program has chosen counts after the load of the page", async () => {
  whoAmI.mockResolvedValue({ account: account("fr") });
  await takeLocale();
  expect(localeNow()).toBe("fr");
  expect(session.get()?.displayName).toBe("Ada");
});

test("an unchanged locale changes nothing, and an earlier server has none", async () => {
  const before = session.get();
  for (const answer of [account("de"), account()]) {
    whoAmI.mockResolvedValue({ account: answer });
    await takeLocale();
    expect(session.get()).toBe(before);
  }
});

test("a choice that is made while the server is asked stays", async () => {
  whoAmI.mockImplementation(() => {
    accountChanged(account("en-US"));
    return Promise.resolve({ account: account("fr") });
  });
  await takeLocale();
  expect(localeNow()).toBe("en-US");
});

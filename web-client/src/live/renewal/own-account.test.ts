// The account, changed by another program while this browser had the old one.
import { create } from "@bufbuild/protobuf";
import { beforeEach, expect, test, vi } from "vitest";
import { accountChanged, beginSession, localeNow, operatorId, session } from "../../api/session.ts";
import { type Account, AccountSchema, SessionSchema } from "../../gen/gridloom/v1/accounts_pb.ts";
import { takeAccount } from "./own-account.ts";

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
  await takeAccount();
  expect(localeNow()).toBe("fr");
  expect(session.get()?.displayName).toBe("Ada");
});

test("an unchanged locale changes nothing, and an earlier server has none", async () => {
  const before = session.get();
  for (const answer of [account("de"), account()]) {
    whoAmI.mockResolvedValue({ account: answer });
    await takeAccount();
    expect(session.get()).toBe(before);
  }
});

test("a choice that is made while the server is asked stays", async () => {
  whoAmI.mockImplementation(() => {
    accountChanged(account("en-US"));
    return Promise.resolve({ account: account("fr") });
  });
  await takeAccount();
  expect(localeNow()).toBe("en-US");
});

test("the right of an operator is that of the account which is asked", async () => {
  expect(operatorId.get()).toBe("");
  whoAmI.mockResolvedValue({ account: { ...account("de"), isOperator: true } });
  await takeAccount();
  expect(operatorId.get()).toBe("a");
  whoAmI.mockResolvedValue({ account: account("de") });
  await takeAccount();
  expect(operatorId.get()).toBe("");
});

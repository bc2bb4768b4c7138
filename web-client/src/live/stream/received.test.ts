import { Code } from "@connectrpc/connect";
import { afterEach, expect, test } from "vitest";
import { hasCode } from "../../api/errors.ts";
import { session, tokenState } from "../../api/session.ts";
import { received } from "./received.ts";
import { Inbox } from "./worker-link.ts";

function signedIn(token: string): void {
  const email = "ada@example.org";
  session.set({ token, accountId: "a", email, displayName: "Ada", color: 0, renewAt: 0 });
}

/** The error with which what was opened under a token ends when the server refuses that. */
async function refused(token: string): Promise<unknown> {
  const inbox = new Inbox();
  const end = { code: Code.Unauthenticated, message: "It ended.", details: new Uint8Array() };
  inbox.push({ kind: "end", key: 1, end });
  const messages = received(inbox, token, new AbortController().signal);
  return await messages[Symbol.asyncIterator]()
    .next()
    .catch((error: unknown) => error);
}

afterEach(() => {
  session.set(null);
  tokenState.set("valid");
});

test("the end of a replaced token is a lost connection, and leads to no dialog", async () => {
  signedIn("new");
  expect(hasCode(await refused("old"), Code.Unauthenticated)).toBe(false);
  expect(tokenState.get()).toBe("valid");
});

test("the end of the present token leads to the dialog to sign in again", async () => {
  signedIn("new");
  expect(hasCode(await refused("new"), Code.Unauthenticated)).toBe(true);
  expect(tokenState.get()).toBe("ended");
});

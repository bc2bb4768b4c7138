// A sign-out asks before it ends what is under way.
import { beforeEach, expect, test, vi } from "vitest";
import { Store } from "../../base/store.ts";
import { underWay } from "../../base/under-way.ts";
import { answer, question, signOut } from "./sign-out.ts";

const endSession = vi.hoisted(() => vi.fn());
const unsent = vi.hoisted(() => ({ edits: 0, sheets: 0, texts: 0 }));
vi.mock("../../api/session.ts", () => ({
  session: new Store({ accountId: "ada" }),
  tokenState: new Store("ended"),
  endSession,
}));
vi.mock("../../api/transport.ts", () => ({ accounts: {} }));
vi.mock("../../live/drafts/draft-writer.ts", () => ({ writeDrafts: vi.fn() }));
vi.mock("../../live/drafts/unsent.ts", () => ({
  unsentOf: async () => unsent,
  discardUnsent: vi.fn(),
}));
vi.mock("../../ui/toasts.ts", () => ({
  toasts: new Store([]),
  clearToasts: vi.fn(),
  showToast: vi.fn(),
}));
vi.mock("../panes/tabs-item.ts", () => ({ forgetTabs: vi.fn() }));

beforeEach(() => {
  endSession.mockReset();
  question.set(undefined);
  underWay.set(0);
});

test("it does not ask where nothing is under way", async () => {
  await signOut();
  expect(endSession).toHaveBeenCalledOnce();
});

test("files under way are asked about, and end with the answer", async () => {
  underWay.set(2);
  await signOut();
  const asked = question.get();
  expect([asked?.transfers, endSession.mock.calls.length]).toEqual([2, 0]);
  if (asked !== undefined) await answer(asked, "discard");
  expect([question.get(), endSession.mock.calls.length]).toEqual([undefined, 1]);
});

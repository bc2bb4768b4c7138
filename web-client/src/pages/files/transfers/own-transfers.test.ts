// The transfers of the person: they end with the session, and a file is never left out without a word.
import { beforeEach, expect, test, vi } from "vitest";
import { Store } from "../../../base/store.ts";
import { FakeFiles } from "./fake-files.ts";

const showToast = vi.hoisted(() => vi.fn());
const page = vi.hoisted(() => ({ files: undefined as unknown, session: undefined as unknown }));
vi.mock("../../../ui/toasts.ts", () => ({ showToast }));
vi.mock("../../../base/router.ts", () => ({ navigate: vi.fn() }));
vi.mock("../file-lists.ts", () => ({ reloadFilesSoon: vi.fn() }));
vi.mock("../../../api/files.ts", () => ({
  get files() {
    return page.files;
  },
}));
vi.mock("../../../api/session.ts", () => ({
  get session() {
    return page.session;
  },
}));

beforeEach(() => {
  vi.resetModules();
  showToast.mockReset();
});

/** The transfers of a tab whose server holds all pieces. */
async function opened() {
  const server = new FakeFiles();
  const received = vi.fn();
  server.onPiece = async () => {
    received();
    await new Promise(() => undefined);
  };
  const session = new Store<{ accountId: string } | null>({ accountId: "ada" });
  page.files = server.client;
  page.session = session;
  const [listens, leaves] = [vi.fn(), vi.fn()];
  vi.stubGlobal("addEventListener", listens);
  vi.stubGlobal("removeEventListener", leaves);
  const own = await import("./own-transfers.ts");
  const { underWay } = await import("../../../base/under-way.ts");
  return { ...own, underWay, session, server, received, listens, leaves };
}

function fileOf(name: string): File {
  return new File([new Uint8Array(9)], name, { lastModified: 5 });
}

test("a session that ends takes the transfers with it, and what has arrived stays on the server", async () => {
  const { upload, transfers, underWay, session, server, received, listens, leaves } =
    await opened();
  upload([fileOf("a"), fileOf("b")]);
  await vi.waitFor(() => expect(received).toHaveBeenCalled());
  expect(listens).toHaveBeenCalledWith("beforeunload", expect.anything());
  // Another token of the same account.
  session.set({ accountId: "ada" });
  expect([transfers.shown.get().length, underWay.get()]).toEqual([2, 2]);
  leaves.mockClear();
  session.set(null);
  expect([transfers.shown.get(), underWay.get()]).toEqual([[], 0]);
  expect(leaves).toHaveBeenCalledWith("beforeunload", expect.anything());
  expect(server.uploads.size).toBeGreaterThan(0);
  expect(showToast).not.toHaveBeenCalled();
});

test("a file like one that is being uploaded is named", async () => {
  const { upload, transfers } = await opened();
  upload([fileOf("a")]);
  expect(showToast).not.toHaveBeenCalled();
  upload([fileOf("b"), fileOf("a")]);
  expect(showToast).toHaveBeenCalledWith("info", expect.stringContaining("“a”"));
  expect(transfers.shown.get().map(({ name }) => name)).toEqual(["a", "b"]);
});

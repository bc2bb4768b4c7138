import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FileService } from "../../../gen/gridloom/v1/files_pb.ts";
import { download } from "./download.ts";
import { refusal } from "./fake-files.ts";

const showToast = vi.hoisted(() => vi.fn());
const page = vi.hoisted(() => ({ files: undefined as unknown }));
vi.mock("../../../ui/toasts.ts", () => ({ showToast }));
vi.mock("../../../api/files.ts", () => ({
  get files() {
    return page.files;
  },
}));

const FILE = { id: "f1", name: "ä.csv" };

interface FakeLink {
  href: string;
  download: string;
  click: () => void;
}

/** The links that the page has followed, in order. */
let followed: [string, string][];

beforeEach(() => {
  followed = [];
  showToast.mockReset();
  const createElement = (): FakeLink => {
    const click = () => void followed.push([link.href, link.download]);
    const link: FakeLink = { href: "", download: "", click };
    return link;
  };
  vi.stubGlobal("document", { createElement });
});
afterEach(() => void vi.unstubAllGlobals());

/** A server that makes links; gives the files that it was asked for. */
function serves(answer: (fileId: string) => string): string[] {
  const wanted: string[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(FileService, {
      createDownloadLink: ({ fileId }) => {
        wanted.push(fileId);
        return { path: answer(fileId), endsAtMicros: 1n };
      },
    });
  });
  page.files = createClient(FileService, transport);
  return wanted;
}

test("the browser follows a link that is made for the file", async () => {
  const wanted = serves((id) => `/download/secret-of-${id}/x`);
  const first = download(FILE);
  await Promise.all([first, download(FILE), download({ ...FILE, id: "f2" })]);
  expect(wanted).toEqual(["f1", "f2"]);
  expect(followed).toEqual([
    ["/download/secret-of-f1/x", "ä.csv"],
    ["/download/secret-of-f2/x", "ä.csv"],
  ]);
  await download(FILE);
  expect(followed).toHaveLength(3);
  expect(showToast).not.toHaveBeenCalled();
});

test("a refusal is a message, and the next click asks again", async () => {
  let isFull = true;
  serves(() => {
    if (isFull) throw refusal(Code.ResourceExhausted, "LINKS_EXCEEDED");
    return "/download/s/x";
  });
  await download(FILE);
  expect(followed).toEqual([]);
  expect(showToast).toHaveBeenCalledWith("error", expect.stringContaining("in an hour"));
  isFull = false;
  await download(FILE);
  expect(followed).toHaveLength(1);
});

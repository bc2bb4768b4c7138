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
  answers(() => new Response(null, { headers: { "content-disposition": "attachment" } }));
});
afterEach(() => void vi.unstubAllGlobals());

/** What the server answers to the question for the head of a file. */
function answers(head: () => Response): void {
  const asks = async (_: string, { method }: RequestInit) => {
    expect(method).toBe("HEAD");
    return head();
  };
  vi.stubGlobal("fetch", asks);
}

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

test.each([
  ["a page in its place", () => new Response("<!doctype html>")],
  ["a server that has lost the link", () => new Response(null, { status: 404 })],
  ["a server without room", () => new Response(null, { status: 503 })],
])("%s is not saved as the file", async (_, head) => {
  serves(() => "/download/s/x");
  answers(head);
  await download(FILE);
  expect(followed).toEqual([]);
  expect(showToast).toHaveBeenCalledWith("error", expect.stringContaining("does not offer"));
});

test("a lost network is named", async () => {
  serves(() => "/download/s/x");
  answers(() => {
    throw new TypeError("Failed to fetch");
  });
  await download(FILE);
  expect(followed).toEqual([]);
  expect(showToast).toHaveBeenCalledWith("error", expect.stringContaining("can't be reached"));
});

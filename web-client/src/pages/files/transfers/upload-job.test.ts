// Uploads against a server in memory: the pieces, a continuation, and what a refusal leads to.
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeFiles, PIECE_BYTES, refusal } from "./fake-files.ts";
import { requestIdOf } from "./request-id.ts";
import type { Watch } from "./transfer.ts";
import { Turns } from "./turns.ts";
import { UploadJob, type UploadParts } from "./upload-job.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BYTES = Array.from({ length: 5 * PIECE_BYTES + 1 }, (_, i) => i);

function fileOf(bytes: readonly number[], name = "a.bin"): File {
  return new File([new Uint8Array(bytes)], name, { lastModified: 1_700_000_000_000 });
}

function watching(): Watch & { done: number[]; abort: AbortController } {
  const abort = new AbortController();
  const done: number[] = [];
  const progress = (bytes: number) => void done.push(bytes);
  return { abort, done, progress, signal: abort.signal, waits: vi.fn(), started: vi.fn() };
}

function partsOf({ client }: FakeFiles): UploadParts {
  return { files: client, turns: new Turns(3), pieceBytes: PIECE_BYTES };
}

function jobOf(server: FakeFiles, file = fileOf(BYTES), wanted?: string): UploadJob {
  return new UploadJob(file, partsOf(server), wanted);
}

/** Passes the time of all waits until work has ended: reading a file takes real time. */
async function passed<T>(work: Promise<T>): Promise<T> {
  let isEnded = false;
  const end = () => {
    isEnded = true;
  };
  work.then(end, end);
  while (!isEnded) await vi.advanceTimersByTimeAsync(1_000);
  return await work;
}

test("all bytes arrive, and the progress never falls", async () => {
  const server = new FakeFiles();
  const watch = watching();
  expect(await jobOf(server).run(watch)).toBeUndefined();
  expect(server.bytes).toEqual(BYTES);
  expect(watch.done).toEqual([...watch.done].sort((a, b) => a - b));
  expect(watch.done.at(-1)).toBe(BYTES.length);
});

test("an empty file has no piece", async () => {
  const server = new FakeFiles();
  await jobOf(server, fileOf([])).run(watching());
  expect([...server.uploads.values()].map(({ state }) => state)).toEqual(["file"]);
  expect(server.received).toEqual([]);
});

test("the same file chosen after a reload sends only what is missing", async () => {
  const server = new FakeFiles();
  const first = watching();
  server.onPiece = async (number) => {
    if (number === 3) first.abort.abort();
  };
  await expect(jobOf(server).run(first)).rejects.toThrow();
  const before = new Set(server.received);
  server.received.length = 0;
  server.onPiece = async () => undefined;
  await jobOf(server, fileOf(BYTES), "u1").run(watching());
  expect(server.received.some((number) => before.has(number))).toBe(false);
  expect(server.bytes).toEqual(BYTES);
  expect(server.uploads.size).toBe(1);
});

/** Other bytes under the same name, size and time. */
const OTHERS = BYTES.map((byte) => 255 - byte);

test("an upload that was begun with other bytes becomes no file", async () => {
  const server = new FakeFiles();
  const first = watching();
  server.onPiece = async (number) => {
    if (number === 3) first.abort.abort();
  };
  await expect(jobOf(server).run(first)).rejects.toThrow();
  server.onPiece = async () => undefined;
  const job = jobOf(server, fileOf(OTHERS));
  const watch = watching();
  await expect(job.run(watch)).rejects.toThrow("from the start");
  expect(watch.waits).toHaveBeenCalledWith(expect.stringContaining("compared"));
  expect([...server.uploads.values()].map(({ state }) => state)).toEqual(["removed"]);
  server.received.length = 0;
  await job.run(watching());
  expect(server.received.length).toBe(6);
  expect([...server.uploads.values()].map(({ state }) => state)).toEqual(["removed", "file"]);
});

test("other bytes under the same name, size and time are another file", async () => {
  const server = new FakeFiles();
  await jobOf(server).run(watching());
  expect(await jobOf(server, fileOf(OTHERS)).run(watching())).toBeUndefined();
  expect(server.uploads.size).toBe(2);
  expect(await jobOf(server, fileOf(OTHERS)).run(watching())).toContain("already");
});

test("without digests, as on plain http, the name, the size and the time tell", async () => {
  const server = new FakeFiles();
  await jobOf(server).run(watching());
  const subtle = vi.spyOn(crypto, "subtle", "get");
  subtle.mockReturnValue(undefined as unknown as SubtleCrypto);
  // The fake server has its digests from the same place.
  server.digests = false;
  expect(await jobOf(server, fileOf(OTHERS)).run(watching())).toContain("already");
  subtle.mockRestore();
});

test("at most three pieces are sent at a time, also of several files", async () => {
  const server = new FakeFiles();
  let [now, most] = [0, 0];
  server.onPiece = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 500));
    now--;
  };
  const parts = partsOf(server);
  const jobs = ["a", "b", "c"].map((name) => new UploadJob(fileOf(BYTES, name), parts));
  await passed(Promise.all(jobs.map((job) => job.run(watching()))));
  expect(most).toBe(3);
  expect([...server.uploads.values()].every(({ state }) => state === "file")).toBe(true);
});

test("a piece is sent again for as long as the server is away", async () => {
  const server = new FakeFiles();
  let failures = 0;
  server.onPiece = async () => {
    if (++failures <= 30) throw new ConnectError("away", Code.Unavailable);
  };
  const watch = watching();
  await passed(jobOf(server).run(watch));
  expect(server.bytes).toEqual(BYTES);
  expect(watch.waits).toHaveBeenCalledWith(expect.stringContaining("restarting"));
  expect(watch.waits).toHaveBeenLastCalledWith(undefined);
});

test("a refusal for good ends the upload, and the other pieces", async () => {
  const server = new FakeFiles();
  server.onPiece = async (number) => {
    if (number === 1) throw refusal(Code.FailedPrecondition, "OTHER_PIECE");
  };
  await expect(jobOf(server).run(watching())).rejects.toThrow("OTHER_PIECE");
  expect(server.received.length).toBeLessThan(5);
});

test("an answer with a part of what is missing is no end", async () => {
  const server = new FakeFiles();
  server.mostRanges = 2;
  await jobOf(server).run(watching());
  expect(server.bytes).toEqual(BYTES);
});

test("a server that loses pieces receives them a few times at most", async () => {
  const server = new FakeFiles();
  server.onPiece = async () => {
    for (const { pieces } of server.uploads.values()) pieces.clear();
  };
  await expect(jobOf(server).run(watching())).rejects.toThrow("PIECES_MISSING");
  expect(server.received.length).toBeLessThanOrEqual(24);
});

test("a file that is there is not sent again, and a removed or renamed one is", async () => {
  const server = new FakeFiles();
  await jobOf(server).run(watching());
  expect(await jobOf(server).run(watching())).toContain("already");
  const kept = server.uploads.get(requestIdOf(fileOf(BYTES)));
  if (kept === undefined) throw new Error("no upload of the file");
  kept.state = "removed";
  await jobOf(server).run(watching());
  expect(server.uploads.size).toBe(2);
  kept.name = "renamed.bin";
  expect(await jobOf(server).run(watching())).toContain("already");
});

test("an upload that ended meanwhile is named so, unless another tab has finished it", async () => {
  const server = new FakeFiles();
  const end = (state: "file" | "removed") => {
    server.onPiece = async () => {
      for (const kept of server.uploads.values()) {
        kept.state = state;
        BYTES.forEach((_, i) => {
          const piece = BYTES.slice(i * PIECE_BYTES, (i + 1) * PIECE_BYTES);
          if (piece.length > 0) kept.pieces.set(i, new Uint8Array(piece));
        });
      }
    };
  };
  end("removed");
  await expect(jobOf(server).run(watching())).rejects.toThrow("cancelled or has ended");
  server.uploads.clear();
  end("file");
  expect(await jobOf(server).run(watching())).toBeUndefined();
});

test("a changed file begins another upload, with a note, and its cancellation discards it", async () => {
  const server = new FakeFiles();
  const job = jobOf(server, fileOf(BYTES), "another");
  expect(await job.run(watching())).toContain("from the start");
  await job.discard();
  expect(server.uploads.size).toBe(0);
});

test("a file that can't be read fails with words for the person", async () => {
  const server = new FakeFiles();
  const file = fileOf(BYTES);
  const gone = { arrayBuffer: async () => Promise.reject(new Error("gone")) };
  vi.spyOn(file, "slice").mockReturnValue(gone as unknown as Blob);
  await expect(jobOf(server, file).run(watching())).rejects.toThrow("can't be read");
});

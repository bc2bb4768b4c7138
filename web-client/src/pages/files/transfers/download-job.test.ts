// Downloads: they continue where they were, and are complete before they are saved.
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FileService } from "../../../gen/gridloom/v1/files_pb.ts";
import { LocalProblem } from "../problems/local-problem.ts";
import { DownloadJob } from "./download-job.ts";
import { MemorySink } from "./sink.ts";
import type { Watch } from "./transfer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BYTES = Uint8Array.from({ length: 10 }, (_, i) => i);

function watching(): Watch {
  const { signal } = new AbortController();
  return { signal, progress: vi.fn(), waits: vi.fn(), started: vi.fn() };
}

/** A server whose first stream is silent after two bytes, and notes when its reader has left. */
function silentServer() {
  const offsets: number[] = [];
  const left = vi.fn();
  const transport = createRouterTransport(({ service }) => {
    service(FileService, {
      downloadFile: async function* ({ offset }, { signal }) {
        offsets.push(Number(offset));
        signal.addEventListener("abort", left);
        yield { data: BYTES.slice(Number(offset), Number(offset) + 2) };
        if (offset === 0n)
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        yield { data: BYTES.slice(Number(offset) + 2) };
      },
    });
  });
  return { offsets, left, client: createClient(FileService, transport) };
}

/** A server whose streams end after some pieces, the last one of each call with an error. */
function serverOf(lengths: readonly number[], error: () => ConnectError | undefined) {
  const offsets: number[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(FileService, {
      downloadFile: async function* ({ offset }) {
        let from = Number(offset);
        const to = from + (lengths[offsets.length] ?? BYTES.length);
        offsets.push(from);
        for (; from < Math.min(to, BYTES.length); from += 2)
          yield { data: BYTES.slice(from, from + 2) };
        const failure = from < BYTES.length ? error() : undefined;
        if (failure !== undefined) throw failure;
      },
    });
  });
  return { offsets, client: createClient(FileService, transport) };
}

const FILE = { id: "f1", name: "a.bin", sizeBytes: 10n };

test("a download continues behind the bytes that it has, and is saved once", async () => {
  const away = () => new ConnectError("away", Code.Unavailable);
  const { offsets, client } = serverOf([4, 0, 2], away);
  const save = vi.fn();
  const watch = watching();
  const done = new DownloadJob(FILE, client, new MemorySink("a.bin", save)).run(watch);
  await vi.runAllTimersAsync();
  await done;
  expect(offsets).toEqual([0, 4, 4, 6]);
  expect(save).toHaveBeenCalledOnce();
  const [blob, name] = save.mock.calls[0] ?? [];
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(BYTES);
  expect(name).toBe("a.bin");
  expect(watch.waits).toHaveBeenLastCalledWith(undefined);
});

test("a stream that ends early without an error is not taken for the whole", async () => {
  const { offsets, client } = serverOf([4, 4], () => undefined);
  const save = vi.fn();
  const done = new DownloadJob(FILE, client, new MemorySink("a.bin", save)).run(watching());
  await vi.runAllTimersAsync();
  await done;
  expect(offsets).toEqual([0, 4, 8]);
  expect(save).toHaveBeenCalledOnce();
});

test("a damaged file is not saved, and a full disk is not written to again", async () => {
  const lost = () => new ConnectError("lost", Code.DataLoss);
  const save = vi.fn();
  const damaged = serverOf([4], lost);
  const job = new DownloadJob(FILE, damaged.client, new MemorySink("a.bin", save));
  await expect(job.run(watching())).rejects.toThrow("lost");
  expect([damaged.offsets, save.mock.calls]).toEqual([[0], []]);
  const sink = {
    write: vi.fn(() => Promise.reject(new LocalProblem("full"))),
    close: vi.fn(),
    discard: vi.fn(),
  };
  const whole = serverOf([], () => undefined);
  await expect(new DownloadJob(FILE, whole.client, sink).run(watching())).rejects.toThrow("full");
  expect([sink.write.mock.calls.length, sink.close.mock.calls.length]).toEqual([1, 0]);
});

test("a silent stream is opened again, and none stays open behind a sink that fails", async () => {
  const { offsets, left, client } = silentServer();
  const save = vi.fn();
  const done = new DownloadJob(FILE, client, new MemorySink("a.bin", save)).run(watching());
  await vi.runAllTimersAsync();
  await done;
  expect(offsets).toEqual([0, 2]);
  const [blob] = save.mock.calls[0] ?? [];
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(BYTES);
  left.mockClear();
  const full = () => Promise.reject(new LocalProblem("full"));
  const sink = { write: full, close: vi.fn(), discard: vi.fn() };
  await expect(new DownloadJob(FILE, client, sink).run(watching())).rejects.toThrow("full");
  await vi.runAllTimersAsync();
  expect(left).toHaveBeenCalled();
});

// The queue of transfers, with jobs that end on request of the test.
import { expect, test, vi } from "vitest";
import type { Job, Watch } from "./transfer.ts";
import { TRANSFERS_MOST, Transfers } from "./transfers.ts";

class FakeJob implements Job {
  readonly totalBytes = 10;
  readonly name: string;
  readonly discard = vi.fn(async () => undefined);
  runs = 0;
  watch: Watch | undefined;
  end: (note?: string) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  constructor(readonly id: string) {
    this.name = id;
  }

  run(watch: Watch): Promise<string | undefined> {
    this.runs++;
    this.watch = watch;
    return new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }
}

function opened() {
  const onEnd = vi.fn();
  const problemOf = (error: unknown) => (error as Error).message;
  const transfers = new Transfers({ atOnce: 2, problemOf, onEnd });
  const states = () => transfers.shown.get().map(({ id, state }) => `${id} ${state.what}`);
  return { transfers, states, onEnd };
}

/** Lets promises that are settled run what waits for them. */
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test("two uploads run at a time, and the others in order", async () => {
  const { transfers, states, onEnd } = opened();
  const jobs = ["a", "b", "c", "d"].map((id) => new FakeJob(id));
  for (const job of jobs) transfers.add(job);
  expect(states()).toEqual(["a running", "b running", "c queued", "d queued"]);
  jobs[1]?.end("It was there.");
  await settled();
  expect(states()).toEqual(["a running", "b done", "c running", "d queued"]);
  expect(onEnd).toHaveBeenCalledOnce();
  expect(transfers.shown.get()[1]).toMatchObject({
    doneBytes: 10,
    state: { note: "It was there." },
  });
  transfers.clearDone();
  expect(states()[1]).toBe("c running");
});

test("the upload of a removed file is forgotten once it is done", async () => {
  const { transfers, states } = opened();
  const jobs = ["a", "b"].map((id) => new FakeJob(id));
  for (const job of jobs) {
    transfers.add(job);
    job.watch?.started(`file-${job.id}`);
  }
  transfers.forget("file-a");
  expect(states()).toEqual(["a running", "b running"]);
  for (const job of jobs) job.end();
  await settled();
  transfers.forget("file-a");
  transfers.forget("");
  expect(states()).toEqual(["b done"]);
});

test("a failed one has its problem, lets the next run, and is run again on request", async () => {
  const { transfers, states } = opened();
  const jobs = ["a", "b", "c"].map((id) => new FakeJob(id));
  for (const job of jobs) transfers.add(job);
  jobs[0]?.watch?.progress(7);
  jobs[0]?.fail(new Error("full"));
  await settled();
  expect(states()).toEqual(["a failed", "b running", "c running"]);
  expect(transfers.shown.get()[0]).toMatchObject({ doneBytes: 7, state: { problem: "full" } });
  transfers.retry("a");
  expect(states()[0]).toBe("a queued");
  jobs[1]?.end();
  await settled();
  expect([states()[0], jobs[0]?.runs]).toEqual(["a running", 2]);
});

test("one that is cancelled stops, discards its work, and reports nothing more", async () => {
  const { transfers, states, onEnd } = opened();
  const [a, b] = [new FakeJob("a"), new FakeJob("b")];
  transfers.add(a);
  transfers.add(b);
  transfers.cancel("a");
  expect(a.watch?.signal.aborted).toBe(true);
  expect(a.discard).toHaveBeenCalledOnce();
  a.watch?.progress(9);
  a.end();
  await settled();
  expect(states()).toEqual(["b running"]);
  expect(onEnd).toHaveBeenCalledOnce();
  b.end();
  await settled();
  transfers.cancel("b");
  expect([states(), b.discard.mock.calls.length]).toEqual([[], 0]);
});

test("the same file is not added twice while it is under way, and again after that", async () => {
  const { transfers, states } = opened();
  const [first, second, third] = [new FakeJob("a"), new FakeJob("a"), new FakeJob("a")];
  transfers.add(first);
  expect(transfers.add(second)).toBe(true);
  expect([states(), second.runs]).toEqual([["a running"], 0]);
  first.fail(new Error("gone"));
  await settled();
  transfers.add(third);
  expect([states(), third.runs]).toEqual([["a running"], 1]);
});

test("a page that is closed loses what is under way, and a sign-out ends all", async () => {
  const { transfers, states, onEnd } = opened();
  const upload = new FakeJob("a");
  expect(transfers.isBusy).toBe(false);
  transfers.add(upload);
  expect(transfers.isBusy).toBe(true);
  transfers.stop();
  upload.fail(new Error("aborted"));
  await settled();
  expect([states(), transfers.isBusy, onEnd.mock.calls.length]).toEqual([[], false, 0]);
  // What the server has of the upload stays there.
  expect(upload.discard).not.toHaveBeenCalled();
});

test("a tab keeps a fixed number of transfers", () => {
  const { transfers } = opened();
  for (let i = 0; i < TRANSFERS_MOST; i++) transfers.add(new FakeJob(`${i}`));
  expect(transfers.add(new FakeJob("more"))).toBe(false);
  expect(transfers.add(new FakeJob("0"))).toBe(true);
});

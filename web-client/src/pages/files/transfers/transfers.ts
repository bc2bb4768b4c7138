// The transfers of this tab: they wait, run, fail, are repeated and cancelled, whichever page is shown.
//
// What it is not: the work itself (see upload-job.ts), nor a download, which is the browser's (see download.ts).
// Invariants: at most a fixed number runs at a time, the oldest first. A transfer that was cancelled reports
// nothing more.
import { Store } from "../../../base/store.ts";
import type { Job, Transfer, TransferState, Watch } from "./transfer.ts";

/** The most transfers that a tab keeps. */
export const TRANSFERS_MOST = 1_000;

interface Entry {
  job: Job;
  shown: Transfer;
  /** There while it runs. */
  abort: AbortController | undefined;
}

interface TransfersOptions {
  /** How many run at a time. */
  atOnce: number;
  /** An error as a sentence. */
  problemOf: (error: unknown) => string;
  /** A transfer is done, has failed, or was cancelled, whose work is cleared away by then. */
  onEnd: (transfer: Transfer) => void;
}

const QUEUED: TransferState = { what: "queued" };
const RUNNING: TransferState = { what: "running", wait: undefined };

function isUnderWay({ state }: Transfer): boolean {
  return state.what === "queued" || state.what === "running";
}

export class Transfers {
  /** The oldest first. */
  readonly shown = new Store<readonly Transfer[]>([]);
  readonly #entries = new Map<string, Entry>();
  readonly #options: TransfersOptions;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** Adds a transfer, or repeats one of the same id that has ended. False: the tab has as many as it keeps. */
  add(job: Job): boolean {
    const old = this.#entries.get(job.id);
    if (old !== undefined && isUnderWay(old.shown)) return true;
    if (old === undefined && this.#entries.size >= TRANSFERS_MOST) return false;
    const { id, name, totalBytes } = job;
    const shown = { id, name, totalBytes, doneBytes: 0, uploadId: "", state: QUEUED };
    // At the end, also where it was before.
    this.#entries.delete(id);
    this.#entries.set(id, { job, shown, abort: undefined });
    this.#begin();
    return true;
  }

  /** Runs a failed transfer again, from where it was. */
  retry(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.shown.state.what !== "failed") return;
    this.#change(entry, { state: QUEUED });
    this.#begin();
  }

  /** Ends a transfer. What it has sent is discarded, unless it is done. */
  cancel(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    entry.abort?.abort();
    this.#begin();
    if (entry.shown.state.what === "done") return;
    const ended = () => this.#options.onEnd(entry.shown);
    // What can't be discarded now stays: an upload is listed as an unfinished one.
    entry.job.discard().then(ended, ended);
  }

  /** Removes those that are done. */
  clearDone(): void {
    for (const [id, { shown }] of this.#entries)
      if (shown.state.what === "done") this.#entries.delete(id);
    this.#publish();
  }

  /** Removes the upload of a file that is no longer there. */
  forget(fileId: string): void {
    for (const [id, { shown }] of this.#entries)
      if (shown.state.what === "done" && shown.uploadId === fileId) this.#entries.delete(id);
    this.#publish();
  }

  /** Ends all: another person may use the page. The server keeps what it has of unfinished uploads. */
  stop(): void {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    for (const { abort } of all) abort?.abort();
    this.#publish();
  }

  /** Whether a transfer would be lost with the page. */
  get isBusy(): boolean {
    return this.shown.get().some(isUnderWay);
  }

  #publish(): void {
    this.shown.set([...this.#entries.values()].map(({ shown }) => shown));
  }

  #change(entry: Entry, part: Partial<Transfer>): void {
    entry.shown = { ...entry.shown, ...part };
    this.#publish();
  }

  /** Starts what may run now. */
  #begin(): void {
    const entries = [...this.#entries.values()];
    const running = entries.filter(({ shown }) => shown.state.what === "running").length;
    const queued = entries.filter(({ shown }) => shown.state.what === "queued");
    for (const entry of queued.slice(0, Math.max(0, this.#options.atOnce - running)))
      void this.#run(entry);
    this.#publish();
  }

  async #run(entry: Entry): Promise<void> {
    const abort = new AbortController();
    entry.abort = abort;
    entry.shown = { ...entry.shown, state: RUNNING };
    const change = (part: Partial<Transfer>) => {
      if (!abort.signal.aborted) this.#change(entry, part);
    };
    const watch: Watch = {
      signal: abort.signal,
      progress: (doneBytes) => change({ doneBytes, state: RUNNING }),
      waits: (wait) => change({ state: { what: "running", wait } }),
      started: (uploadId) => change({ uploadId }),
    };
    const state = await this.#outcome(entry.job, watch);
    entry.abort = undefined;
    if (abort.signal.aborted) return;
    const isDone = state.what === "done";
    change(isDone ? { state, doneBytes: entry.shown.totalBytes } : { state });
    this.#begin();
    this.#options.onEnd(entry.shown);
  }

  async #outcome(job: Job, watch: Watch): Promise<TransferState> {
    try {
      return { what: "done", note: await job.run(watch) };
    } catch (error) {
      return { what: "failed", problem: this.#options.problemOf(error) };
    }
  }
}

// Downloads a file. After a lost connection, and after a repetition by the person, it continues where it was: the content of
// a file never changes.
//
// Invariants: a sink is closed after all bytes of the file, in order, and never else. No stream stays open behind its
// reader, and one that is silent for too long is opened again: a connection may be dead without an error.
import { Code, ConnectError } from "@connectrpc/connect";
import type { FileClient } from "../../../api/files.ts";
import type { File as ServerFile } from "../../../gen/gridloom/v1/files_pb.ts";
import { waitText } from "../problems/wait-text.ts";
import { persist } from "./persist.ts";
import type { Sink } from "./sink.ts";
import type { Job, Watch } from "./transfer.ts";

/** How long a stream may be silent before its first bytes, as further downloads of an account wait, and between its bytes. */
const [FIRST_MILLIS, NEXT_MILLIS] = [900_000, 90_000];

export class DownloadJob implements Job {
  readonly kind = "download";
  readonly id: string;
  readonly name: string;
  readonly totalBytes: number;
  readonly #fileId: string;
  readonly #files: FileClient;
  readonly #sink: Sink;
  #received = 0;

  constructor(file: Pick<ServerFile, "id" | "name" | "sizeBytes">, files: FileClient, sink: Sink) {
    this.id = `download/${file.id}`;
    this.name = file.name;
    this.totalBytes = Number(file.sizeBytes);
    this.#fileId = file.id;
    this.#files = files;
    this.#sink = sink;
  }

  async run(watch: Watch): Promise<undefined> {
    const { signal } = watch;
    const onWait = (error: unknown) =>
      watch.waits(error === undefined ? undefined : waitText(error));
    await persist(() => this.#receive(watch), { signal, onWait, progress: () => this.#received });
    signal.throwIfAborted();
    await this.#sink.close();
  }

  async discard(): Promise<void> {
    await this.#sink.discard();
  }

  /** Receives the rest. */
  async #receive({ signal, progress }: Watch): Promise<void> {
    progress(this.#received);
    if (this.#received === this.totalBytes) return;
    const request = { fileId: this.#fileId, offset: BigInt(this.#received) };
    const [silent, left] = [new AbortController(), new AbortController()];
    const until = { signal: AbortSignal.any([signal, silent.signal, left.signal]) };
    let timer = setTimeout(() => silent.abort(), FIRST_MILLIS);
    try {
      for await (const { data } of this.#files.downloadFile(request, until)) {
        // The sink takes its own time.
        clearTimeout(timer);
        signal.throwIfAborted();
        if (data.length > 0) await this.#sink.write(new Uint8Array(data));
        this.#received += data.length;
        progress(this.#received);
        timer = setTimeout(() => silent.abort(), NEXT_MILLIS);
      }
    } catch (error) {
      if (silent.signal.aborted) throw new ConnectError("silent", Code.DeadlineExceeded);
      throw error;
    } finally {
      clearTimeout(timer);
      // To leave the loop does not end the call.
      left.abort();
    }
    // A proxy may end a stream without an error.
    if (this.#received !== this.totalBytes) throw new ConnectError("cut short", Code.Internal);
  }
}

// Uploads a file in pieces. A repeated run, also after a reload, sends those that the server has not.
//
// Invariants: the file of a done upload has all bytes of the chosen one, and no others: what was sent before is compared, as
// another file may have its name, size and time. All uploads of the tab together send a fixed number
// of pieces at a time: over HTTP/1.1 a browser has six connections, and the sheets need some.
import { Code } from "@connectrpc/connect";
import { hasCode } from "../../../api/errors.ts";
import type { FileClient } from "../../../api/files.ts";
import { reasonOf } from "../../../api/reasons.ts";
import { newId } from "../../../base/ids.ts";
import type {
  PieceRange,
  File as ServerFile,
  StartUploadResponse,
  Upload,
} from "../../../gen/gridloom/v1/files_pb.ts";
import { LocalProblem } from "../problems/local-problem.ts";
import { waitText } from "../problems/wait-text.ts";
import { ContentDigest, DIGEST_PIECE_BYTES, maySame } from "./content-digest.ts";
import { type Persisting, persist } from "./persist.ts";
import { digestOf, numbersOf, readPiece } from "./pieces.ts";
import { requestIdOf } from "./request-id.ts";
import type { Job, Watch } from "./transfer.ts";
import type { Turns } from "./turns.ts";

/** Pieces of one file that are sent at a time. */
const PIECES_AT_ONCE = 3;
/** How long a call without a piece may take, and how long one with a piece. */
const [CALL_MILLIS, PIECE_MILLIS] = [60_000, 300_000];
/** How many uploads of the same file are looked through for one that can be continued. */
const STARTS_MOST = 16;
/** How often each piece of an upload is sent, on average, before the server is taken to lose them. */
const SENDS_MOST = 3;

const ENDED = "This upload was cancelled or has ended. Try again to begin from the start.";
const MIXED =
  "Another file of the same name, size and time was uploaded before in part. Try again to upload this one from the start.";
const COMPARES = "This file is compared with what was uploaded before.";
const KNOWN = "It was uploaded already.";
const FROM_START =
  "It was uploaded from the start: it was changed since, or another program began the first upload.";

type Missing = readonly Pick<PieceRange, "first" | "count">[];

export interface UploadParts {
  files: FileClient;
  turns: Turns;
  /** The bytes of a piece of the server's digests, where a test has others. */
  pieceBytes?: number;
}

function sizeOf(missing: Missing): number {
  return missing.reduce((sum, { count }) => sum + count, 0);
}

export class UploadJob implements Job {
  readonly id: string;
  readonly name: string;
  readonly totalBytes: number;
  readonly #file: File;
  readonly #parts: UploadParts;
  /** The upload that the person wants to continue. */
  readonly #wanted: string | undefined;
  /** Empty until the server has answered. */
  #uploadId = "";
  /** What this run has read of the file. */
  #content: ContentDigest;

  constructor(file: File, parts: UploadParts, wanted?: string) {
    this.id = requestIdOf(file);
    this.name = file.name;
    this.totalBytes = file.size;
    this.#file = file;
    this.#parts = parts;
    this.#wanted = wanted;
    this.#content = this.#unread();
  }

  async run(watch: Watch): Promise<string | undefined> {
    this.#content = this.#unread();
    const { upload, missing, file } = await this.#start(watch);
    if (upload === undefined) {
      if (file === undefined) throw new Error("The server has named no upload");
      // The file has the id of its upload.
      watch.started(file.id);
      return KNOWN;
    }
    this.#uploadId = upload.id;
    watch.started(upload.id);
    watch.progress(Number(upload.receivedBytes));
    const made = await this.#made(upload, missing, watch);
    if (!(await this.#isOf(made, watch))) {
      // It can be restored: another tab may have made it of a file of its own.
      const remove = () => this.#parts.files.removeFile({ fileId: made.id }, options(watch));
      await persist(remove, waiting(watch));
      throw new LocalProblem(MIXED);
    }
    return this.#wanted === undefined || this.#wanted === upload.id ? undefined : FROM_START;
  }

  async discard(): Promise<void> {
    if (this.#uploadId === "") return;
    await this.#parts.files.cancelUpload({ uploadId: this.#uploadId }, { timeoutMs: CALL_MILLIS });
  }

  /** Continues the upload of the same file, or begins one. */
  async #start(watch: Watch): Promise<StartUploadResponse> {
    for (let nth = 0; nth < STARTS_MOST; nth++) {
      try {
        const started = await this.#startAs(requestIdOf(this.#file, nth), watch);
        const { file } = started;
        if (file === undefined) return started;
        // A removed file is not what the person chose again, nor is one with other bytes.
        if (file.removedAtMicros === 0n && (await this.#isOf(file, watch))) return started;
      } catch (error) {
        // The file of that upload has another name by now.
        if (reasonOf(error).name !== "OTHER_UPLOAD") throw error;
      }
    }
    return await this.#startAs(newId(), watch);
  }

  #startAs(requestId: string, watch: Watch): Promise<StartUploadResponse> {
    const request = { name: this.name, sizeBytes: BigInt(this.totalBytes), requestId };
    return persist(() => this.#parts.files.startUpload(request, options(watch)), waiting(watch));
  }

  #unread(): ContentDigest {
    return new ContentDigest(this.#file, this.#parts.pieceBytes ?? DIGEST_PIECE_BYTES);
  }

  /** Whether a file of the server has the bytes of this one. What this run has not sent is read first. */
  async #isOf({ digest }: ServerFile, watch: Watch): Promise<boolean> {
    return maySame(await this.#whole(watch), digest);
  }

  async #whole({ signal, waits }: Watch): Promise<Uint8Array> {
    const isPartial = this.#content.isPartial;
    if (isPartial) waits(COMPARES);
    const whole = await this.#content.whole(signal);
    if (isPartial) waits(undefined);
    return whole;
  }

  /** The file of an upload. Another tab with the same file may have finished it. */
  async #made(upload: Upload, missing: Missing, watch: Watch): Promise<ServerFile> {
    try {
      const made = await this.#sendAll(upload, missing, watch);
      if (made !== undefined) return made;
    } catch (error) {
      if (!hasCode(error, Code.NotFound) || watch.signal.aborted) throw error;
    }
    const found = await this.#found(upload.id, watch);
    if (found === undefined) throw new LocalProblem(ENDED);
    return found;
  }

  /** Sends what is missing, and finishes. An answer may name only a part of what is missing. */
  async #sendAll(upload: Upload, first: Missing, watch: Watch): Promise<ServerFile | undefined> {
    const request = { uploadId: upload.id };
    const { files } = this.#parts;
    let received = Number(upload.receivedBytes);
    const onReceived = (bytes: number) => {
      received = Math.max(received, bytes);
      watch.progress(received);
    };
    // A server that loses pieces does not receive them without end.
    let left = SENDS_MOST * Math.ceil(this.totalBytes / upload.pieceBytes);
    for (let missing = first; ; ) {
      await this.#send(upload, missing, watch, onReceived);
      left -= sizeOf(missing);
      try {
        // First, so that a file of other bytes is there for a moment only.
        await this.#whole(watch);
        const finish = () => files.finishUpload(request, options(watch));
        return (await persist(finish, waiting(watch))).file;
      } catch (error) {
        if (reasonOf(error).name !== "PIECES_MISSING" || left <= 0) throw error;
        const asked = () => files.getUpload(request, options(watch));
        ({ missing } = await persist(asked, waiting(watch)));
        if (sizeOf(missing) === 0) throw error;
      }
    }
  }

  /** Sends pieces, several at a time. The first error ends the others. */
  async #send(
    upload: Upload,
    missing: Missing,
    watch: Watch,
    onReceived: (bytes: number) => void,
  ): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([watch.signal, failed.signal]);
    const numbers = numbersOf(missing);
    const sender = async () => {
      for (const number of numbers) {
        signal.throwIfAborted();
        const send = () => this.#sendPiece(upload, number, { ...watch, signal });
        onReceived(await this.#parts.turns.run(send));
      }
    };
    const senders = Array.from({ length: PIECES_AT_ONCE }, sender);
    try {
      await Promise.all(senders);
    } catch (error) {
      failed.abort();
      await Promise.allSettled(senders);
      throw error;
    }
  }

  /** Resolves with the bytes that the server has by then. */
  async #sendPiece(upload: Upload, number: number, watch: Watch): Promise<number> {
    watch.signal.throwIfAborted();
    const data = await readPiece(this.#file, number, upload);
    const digest = await digestOf(data);
    this.#content.note(number, upload.pieceBytes, digest);
    const piece = { uploadId: upload.id, number, data, digest };
    const send = () =>
      this.#parts.files.uploadPiece(piece, { signal: watch.signal, timeoutMs: PIECE_MILLIS });
    const { receivedBytes } = await persist(send, waiting(watch));
    return Number(receivedBytes);
  }

  async #found(fileId: string, watch: Watch): Promise<ServerFile | undefined> {
    try {
      const asked = () => this.#parts.files.getFile({ fileId }, options(watch));
      const { file } = await persist(asked, waiting(watch));
      return file?.removedAtMicros === 0n ? file : undefined;
    } catch (error) {
      if (hasCode(error, Code.NotFound)) return undefined;
      throw error;
    }
  }
}

function options({ signal }: Watch): { signal: AbortSignal; timeoutMs: number } {
  return { signal, timeoutMs: CALL_MILLIS };
}

function waiting({ signal, waits }: Watch): Persisting {
  const onWait = (error: unknown) => waits(error === undefined ? undefined : waitText(error));
  return { signal, onWait };
}

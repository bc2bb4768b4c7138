// A server of files in memory, for tests: it keeps uploads by their request ids, and their pieces.
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import type { FileClient } from "../../../api/files.ts";
import { FileService } from "../../../gen/gridloom/v1/files_pb.ts";

/** Bytes of a piece of the fake server. */
export const PIECE_BYTES = 4;

/** A refusal as the server sends it, with google.rpc.ErrorInfo. */
export function refusal(code: Code, name: string): ConnectError {
  const error = new ConnectError(name, code);
  const value = new BinaryWriter().tag(1, 2).string(name).finish();
  error.details = [{ type: "google.rpc.ErrorInfo", value }];
  return error;
}

interface Kept {
  id: string;
  name: string;
  size: number;
  pieces: Map<number, Uint8Array>;
  state: "uploading" | "file" | "removed";
}

export class FakeFiles {
  readonly uploads = new Map<string, Kept>();
  /** The numbers of the received pieces, in order. */
  readonly received: number[] = [];
  /** Runs before a piece is kept: may wait or throw. */
  onPiece: (number: number) => Promise<void> = async () => undefined;
  /** The most ranges of missing pieces in an answer. */
  mostRanges = 100;
  /** Whether its files have digests. */
  digests = true;
  readonly client: FileClient;

  constructor() {
    this.client = createClient(FileService, this.#transport());
  }

  /** The bytes of the only upload. */
  get bytes(): number[] {
    const [kept] = this.uploads.values();
    const pieces = [...(kept?.pieces ?? [])].sort(([a], [b]) => a - b);
    return pieces.flatMap(([, data]) => [...data]);
  }

  #byId(id: string): Kept {
    const kept = [...this.uploads.values()].find((it) => it.id === id && it.state === "uploading");
    if (kept === undefined) throw refusal(Code.NotFound, "NOT_FOUND");
    return kept;
  }

  #answer(kept: Kept) {
    const { id, name, size, pieces } = kept;
    const numbers = Array.from({ length: Math.ceil(size / PIECE_BYTES) }, (_, i) => i);
    const missing = numbers.filter((number) => !pieces.has(number));
    const receivedBytes = BigInt([...pieces.values()].reduce((sum, it) => sum + it.length, 0));
    return {
      upload: { id, name, sizeBytes: BigInt(size), pieceBytes: PIECE_BYTES, receivedBytes },
      missing: missing.slice(0, this.mostRanges).map((first) => ({ first, count: 1 })),
    };
  }

  /** The digest of all pieces; see File in files.proto. */
  async #digest({ pieces }: Kept): Promise<Uint8Array> {
    if (!this.digests) return new Uint8Array();
    const sorted = [...pieces].sort(([a], [b]) => a - b);
    const sum = (data: Uint8Array) => crypto.subtle.digest("SHA-256", new Uint8Array(data));
    const sums = await Promise.all(sorted.map(([, data]) => sum(data)));
    const all = new Uint8Array(sums.flatMap((it) => [...new Uint8Array(it)]));
    return new Uint8Array(await sum(all));
  }

  async #file(kept: Kept) {
    const { id, name, state } = kept;
    const removedAtMicros = state === "removed" ? 1n : 0n;
    return { file: { id, name, removedAtMicros, digest: await this.#digest(kept) } };
  }

  async #start(name: string, size: number, requestId: string) {
    let kept = this.uploads.get(requestId);
    if (kept !== undefined && kept.name !== name) throw refusal(Code.AlreadyExists, "OTHER_UPLOAD");
    const id = `u${this.uploads.size + 1}`;
    kept ??= { id, name, size, pieces: new Map(), state: "uploading" };
    this.uploads.set(requestId, kept);
    if (kept.state === "uploading") return this.#answer(kept);
    return await this.#file(kept);
  }

  #transport() {
    return createRouterTransport(({ service }) => {
      service(FileService, {
        startUpload: ({ name, sizeBytes, requestId }) =>
          this.#start(name, Number(sizeBytes), requestId),
        uploadPiece: async ({ uploadId, number, data }) => {
          await this.onPiece(number);
          const kept = this.#byId(uploadId);
          kept.pieces.set(number, data);
          this.received.push(number);
          return { receivedBytes: this.#answer(kept).upload.receivedBytes };
        },
        getUpload: ({ uploadId }) => this.#answer(this.#byId(uploadId)),
        getFile: ({ fileId }) => {
          const kept = [...this.uploads.values()].find(({ id }) => id === fileId);
          if (kept?.state !== "file") throw refusal(Code.NotFound, "NOT_FOUND");
          return this.#file(kept);
        },
        removeFile: ({ fileId }) => {
          for (const kept of this.uploads.values()) if (kept.id === fileId) kept.state = "removed";
          return {};
        },
        finishUpload: ({ uploadId }) => {
          const kept = this.#byId(uploadId);
          if (this.#answer(kept).missing.length > 0)
            throw refusal(Code.FailedPrecondition, "PIECES_MISSING");
          kept.state = "file";
          return this.#file(kept);
        },
        cancelUpload: ({ uploadId }) => {
          for (const [key, { id }] of this.uploads) if (id === uploadId) this.uploads.delete(key);
          return {};
        },
      });
    });
  }
}

// The digest of a file's content, from those of its pieces: equal where the server has the same bytes.
//
// What it is not: the check of a piece on its way, which the server makes. Pages on plain http have no digests; there a file
// is the one of its name, size and time.
import { digestOf, readPiece } from "./pieces.ts";

/** The bytes of each piece of the digest but the last one; see File in files.proto. */
export const DIGEST_PIECE_BYTES = 2 * 1024 * 1024;
/** The bytes of a SHA-256. */
const DIGEST_BYTES = 32;

export class ContentDigest {
  readonly #file: Blob;
  readonly #pieceBytes: number;
  /** The digests of all pieces, one after the other. */
  readonly #digests: Uint8Array<ArrayBuffer>;
  readonly #unknown: Set<number>;

  constructor(file: Blob, pieceBytes: number) {
    this.#file = file;
    this.#pieceBytes = pieceBytes;
    const count = Math.ceil(file.size / pieceBytes);
    this.#digests = new Uint8Array(count * DIGEST_BYTES);
    this.#unknown = new Set(Array.from({ length: count }, (_, number) => number));
  }

  /** Whether pieces have to be read. */
  get isPartial(): boolean {
    return this.#unknown.size > 0;
  }

  /** Notes the digest of a piece that was read, if it is one of the pieces here. */
  note(number: number, pieceBytes: number, digest: Uint8Array): void {
    if (pieceBytes !== this.#pieceBytes || digest.length !== DIGEST_BYTES) return;
    this.#digests.set(digest, number * DIGEST_BYTES);
    this.#unknown.delete(number);
  }

  /** Reads the pieces whose digests are not known, and returns that of the whole; empty where the browser has none. */
  async whole(signal: AbortSignal): Promise<Uint8Array> {
    const pieceBytes = this.#pieceBytes;
    for (const number of this.#unknown) {
      signal.throwIfAborted();
      const digest = await digestOf(await readPiece(this.#file, number, { pieceBytes }));
      if (digest.length === 0) return digest;
      this.note(number, pieceBytes, digest);
    }
    return await digestOf(this.#digests);
  }
}

/** Whether two digests can be of the same bytes: one that the browser can't compute can be of any. */
export function maySame(own: Uint8Array, other: Uint8Array): boolean {
  return own.length === 0 || (own.length === other.length && own.every((it, i) => it === other[i]));
}

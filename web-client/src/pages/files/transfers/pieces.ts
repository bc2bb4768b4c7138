// The pieces of a file: their numbers, their bytes, and the digest of each.
import type { PieceRange, Upload } from "../../../gen/gridloom/v1/files_pb.ts";
import { LocalProblem } from "../problems/local-problem.ts";

const CHANGED =
  "This file can't be read, or was changed since it was chosen. Cancel, and choose it again.";

/** The numbers of ranges, one after the other. */
export function* numbersOf(ranges: readonly Pick<PieceRange, "first" | "count">[]) {
  for (const { first, count } of ranges)
    for (let number = first; number < first + count; number++) yield number;
}

/** Reads a piece. The browser refuses to read a file that was changed since it was chosen. */
export async function readPiece(
  file: Blob,
  number: number,
  { pieceBytes }: Pick<Upload, "pieceBytes">,
): Promise<Uint8Array<ArrayBuffer>> {
  const from = number * pieceBytes;
  const piece = file.slice(from, from + pieceBytes);
  const read = await piece.arrayBuffer().catch(() => undefined);
  if (read === undefined || read.byteLength !== piece.size) throw new LocalProblem(CHANGED);
  return new Uint8Array(read);
}

/** The SHA-256 of a piece; empty on pages where the browser has none, as on plain http. */
export async function digestOf(piece: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  if (subtle === undefined) return new Uint8Array();
  return new Uint8Array(await subtle.digest("SHA-256", piece));
}

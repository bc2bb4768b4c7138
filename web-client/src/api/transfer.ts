// Import of CSV files, in pieces. An import needs little memory for a file of any size.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type {
  PreviewImportResponse,
  Sheet,
  StartImportRequest,
  StartImportRequestSchema,
} from "../gen/gridloom/v1/sheets_pb.ts";
import { sendPiece } from "./send-piece.ts";
import { accounts, sheets } from "./transport.ts";

/** Bytes in one piece: small ones over a slow network, so that the server receives one every few seconds. */
const PIECE_BYTES = { least: 16 * 1024, first: 128 * 1024, most: 512 * 1024 };
/** The next piece is twice as large after one that took less than this, and half as large after one that took more. */
const [FAST_MILLIS, SLOW_MILLIS] = [500, 2000];

export interface ImportProgress {
  sentBytes: number;
  totalBytes: number;
  rows: number;
  /** True while the server has no place for the import, and the page waits for one. */
  isWaiting: boolean;
}

/** How a file is read; what is not chosen, the server finds. */
export type ImportReading = Omit<
  MessageInitShape<typeof StartImportRequestSchema>,
  "$typeName" | "name"
>;

export interface ImportOptions {
  name: string;
  reading: ImportReading;
  signal: AbortSignal;
  onProgress: (progress: ImportProgress) => void;
  /** True for an error after which the piece is sent again. */
  retryable: (error: unknown) => boolean;
}

export interface Imported {
  sheet: Sheet;
  /** Guesses of the server that may be wrong, each a sentence. */
  doubts: readonly string[];
  repairedRows: number;
}

/** How the numbers, days and times of a file are written. */
interface Notation {
  locale?: string | undefined;
  decimalMark?: string | undefined;
  timeZone?: string | undefined;
}

/** Throws where the server would pass over a choice: it is of an earlier release. */
async function checkNotation(
  { locale = "", decimalMark = "", timeZone = "" }: Notation,
  signal: AbortSignal,
): Promise<void> {
  if (locale === "" && decimalMark === "" && timeZone === "") return;
  const { limits } = await accounts.whoAmI({ usage: true }, { signal });
  if (limits?.importNotation !== true) throw new ConnectError("", Code.Unimplemented);
}

/** The begin of a file as an import reads it; makes nothing. `isCut`: the file has more bytes. */
export async function previewImport(
  data: Uint8Array<ArrayBuffer>,
  isCut: boolean,
  options: StartImportRequest,
  signal: AbortSignal,
): Promise<PreviewImportResponse> {
  await checkNotation(options, signal);
  return await sheets.previewImport({ options, data, isCut }, { signal });
}

/** Imports a file as a new sheet. An aborted import makes no sheet. */
export async function importCsv(file: Blob, options: ImportOptions): Promise<Imported> {
  const { signal, name, reading } = options;
  await checkNotation(reading, signal);
  const started = await sheets.startImport({ name, ...reading }, { signal });
  const { importId } = started;
  try {
    await sendChunks(file, importId, options);
    const finished = await sheets.finishImport({ importId }, { signal });
    const { sheet, doubts, repairedRows } = finished;
    if (sheet === undefined) throw new Error("The server did not name the new sheet");
    return { sheet, doubts, repairedRows: Number(repairedRows) };
  } catch (error) {
    // Best effort: the server drops an idle import after a while.
    await sheets.cancelImport({ importId }).catch(() => undefined);
    throw error;
  }
}

async function sendChunks(file: Blob, importId: string, options: ImportOptions): Promise<void> {
  let [offset, rows, size] = [0, 0, PIECE_BYTES.first];
  while (offset < file.size) {
    const piece = file.slice(offset, offset + size);
    const data = new Uint8Array(await piece.arrayBuffer());
    const chunk = { importId, offset: BigInt(offset), data };
    const report = (isWaiting: boolean) =>
      options.onProgress({ sentBytes: offset, totalBytes: file.size, rows, isWaiting });
    let begun = 0;
    const send = () => {
      begun = performance.now();
      return sheets.importChunk(chunk, { signal: options.signal });
    };
    const answer = await sendPiece(send, {
      signal: options.signal,
      retryable: options.retryable,
      onWait: () => report(true),
    });
    rows = Number(answer.rows);
    offset += data.length;
    size = nextSize(size, performance.now() - begun);
    report(false);
  }
}

function nextSize(size: number, millis: number): number {
  if (millis < FAST_MILLIS) return Math.min(2 * size, PIECE_BYTES.most);
  return millis > SLOW_MILLIS ? Math.max(size / 2, PIECE_BYTES.least) : size;
}

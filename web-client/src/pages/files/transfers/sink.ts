// Where a download is written: a file that the person chooses, else the memory of the page until it is complete.
import { saveFile } from "../../../base/save-file.ts";
import { LocalProblem } from "../problems/local-problem.ts";

export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The file is complete. */
  close(): Promise<void>;
  discard(): Promise<void>;
}

/** The part of a browser's interface that not all have, nor pages on plain http. */
interface PicksFiles {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/** Bytes that are put together, so that the browser may move them out of the memory. */
const PART_BYTES = 8 * 1024 * 1024;

const UNWRITABLE = "The file can't be written. Is the disk full? Download it again.";

/** Whether a download is written while it arrives. */
export function writesToDisk(): boolean {
  return (globalThis as PicksFiles).showSaveFilePicker !== undefined;
}

/** Asks for the place of the file; undefined: the person has chosen none. Called in the event of a click. */
export async function openSink(name: string): Promise<Sink | undefined> {
  const pick = (globalThis as PicksFiles).showSaveFilePicker;
  if (pick === undefined) return new MemorySink(name);
  try {
    const handle = await pick({ suggestedName: name });
    return new DiskSink(await handle.createWritable());
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    // A frame without the right to ask, or a name that the browser takes for a danger.
    if (error instanceof DOMException && error.name === "SecurityError")
      return new MemorySink(name);
    throw new LocalProblem(UNWRITABLE, { cause: error });
  }
}

async function written(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new LocalProblem(UNWRITABLE, { cause: error });
  }
}

/** The browser writes to another file first, which takes the chosen name when it is complete. */
class DiskSink implements Sink {
  readonly #file: FileSystemWritableFileStream;

  constructor(file: FileSystemWritableFileStream) {
    this.#file = file;
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return written(this.#file.write(bytes));
  }

  close(): Promise<void> {
    return written(this.#file.close());
  }

  discard(): Promise<void> {
    return this.#file.abort();
  }
}

export class MemorySink implements Sink {
  readonly #name: string;
  readonly #save: (file: Blob, name: string) => void;
  #whole: Blob[] = [];
  #part: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  constructor(name: string, save = saveFile) {
    this.#name = name;
    this.#save = save;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#part.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PART_BYTES) this.#join();
  }

  async close(): Promise<void> {
    this.#join();
    this.#save(new Blob(this.#whole, { type: "application/octet-stream" }), this.#name);
    await this.discard();
  }

  async discard(): Promise<void> {
    [this.#whole, this.#part, this.#bytes] = [[], [], 0];
  }

  #join(): void {
    this.#whole.push(new Blob(this.#part));
    [this.#part, this.#bytes] = [[], 0];
  }
}

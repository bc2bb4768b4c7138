// What an upload of a file is for the queue that runs it, and for the page that shows it. Types alone.

export type TransferState =
  | { what: "queued" }
  /** `wait`: why nothing moves now. */
  | { what: "running"; wait: string | undefined }
  | { what: "failed"; problem: string }
  /** `note`: what the person did not expect. */
  | { what: "done"; note: string | undefined };

export interface Transfer {
  /** Two transfers of the same file have the same id. */
  readonly id: string;
  readonly name: string;
  readonly totalBytes: number;
  readonly doneBytes: number;
  /** The server's id of the upload, once it has one; empty before. */
  readonly uploadId: string;
  readonly state: TransferState;
}

/** What a job reports while it runs. */
export interface Watch {
  readonly signal: AbortSignal;
  progress(doneBytes: number): void;
  /** Why nothing moves; undefined once it moves again. */
  waits(why: string | undefined): void;
  started(uploadId: string): void;
}

/** The work of a transfer. */
export interface Job extends Pick<Transfer, "id" | "name" | "totalBytes"> {
  /** Begins, or continues after a failure. Resolves with a note for the person. */
  run(watch: Watch): Promise<string | undefined>;
  /** Leaves nothing behind of work that has not ended. */
  discard(): Promise<void>;
}

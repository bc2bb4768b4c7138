// The messages between a tab and the worker that holds the stream of all tabs. Types alone.
//
// A tab's place among the notices of its account is opened, read and closed as a session is.

/** The end of a session or of the stream: the status of the server, or why there is none. */
export interface StreamEnd {
  /** A code of gRPC; 0: the session ended without an error. */
  code: number;
  message: string;
  /** The encoded google.rpc.Status; empty without one. */
  details: Uint8Array;
  /** network: no server has answered. lost: the session can continue on another connection. */
  why?: "network" | "lost";
}

/** From a tab to the worker. `key` names a session, or the tab's notices, within its tab. */
export type ToWorker =
  /** The tab asks for a place for one session. */
  | { kind: "open"; key: number; token: string }
  /** The tab asks for the notices of an account; `after`: the number of the last one that it has received. */
  | { kind: "notices"; key: number; token: string; after: number | undefined }
  | { kind: "close"; key: number }
  /** Another token has taken the place of one, which ends soon. */
  | { kind: "renewed"; from: string; to: string }
  /** The tab has processed so many bytes of frames. */
  | { kind: "read"; key: number; bytes: number }
  /** The answer to `ask`. */
  | { kind: "alive" }
  /** The tab holds a Web Lock of this name as long as it lives. */
  | { kind: "lock"; name: string }
  /** The person leaves the page. */
  | { kind: "leave" };

/** From the worker to a tab. */
export type ToTab =
  /** The tab answers `alive` immediately. */
  | { kind: "ask" }
  /** The place of a session: the tab attaches it. */
  | { kind: "place"; key: number; connectionId: string; session: number }
  /** An encoded `ServerFrame`, or an encoded `NoticeServiceWatchResponse`. */
  | { kind: "frame"; key: number; bytes: Uint8Array<ArrayBuffer> }
  /** The session, or the stream of notices, has ended; no message of it follows. */
  | { kind: "end"; key: number; end: StreamEnd };

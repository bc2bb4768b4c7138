// The interfaces of a connection: the engine, the network, the environment and the gate that it uses, and
// the phase that it reports. Types alone.

/** The engine: it produces the frames to send and consumes the frames received. */
export interface Core<Hello, In, Out> {
  /** Begins a session: returns the `Hello` that opens or resumes it. */
  hello(): Hello;
  /** Applies one message of the server: a frame, or a piece of one. Returns the session id if it opens one. */
  receive(message: In): string | undefined;
  /** Returns the frames to send now; called after every received frame and every edit. */
  outgoing(): Out[];
  /** True while the server has not accepted all edits. */
  unsaved(): boolean;
  /** Ends the session; the next one sends again all edits that are not accepted. */
  disconnected(): void;
}

/**
 * Why the connection makes no further attempt: the token is invalid; the sheet does not exist or the account
 * has no access; the address is malformed; the server is of a later release than the page, which can't read what it sends;
 * any other error that a repetition does not change.
 */
export type End = "signed-out" | "no-sheet" | "bad-link" | "outdated" | "refused";

/** How to continue after an error; `text` is one sentence for the person. */
export type ErrorClass =
  /** retry: the same request may succeed. lost: only a new session can. */
  | { kind: "retry" | "lost"; text: string }
  /** No attempt can succeed until the person acts. */
  | { kind: "final"; end: End; text: string };

/** The network. */
export interface Port<Hello, In, Out> {
  watch(hello: Hello, signal: AbortSignal): AsyncIterable<In>;
  /** Resolves to the number of the last frame that the server has received. */
  send(
    sessionId: string,
    first: bigint,
    frames: readonly Out[],
    signal: AbortSignal,
  ): Promise<bigint>;
  /** True when the server ends a session that sends no frame for 30 s, as nothing else shows that a page is gone. */
  readonly promisesFrames?: boolean;
  size(frame: Out): number;
  ping(nonce: bigint): Out;
  /** The access token of the account now. */
  token(): string;
  /** A frame after which the session continues under this token. */
  refresh(token: string): Out;
  /** Classifies the error that ended a session. */
  classify(error: unknown): ErrorClass;
  /** Classifies the error of a `send`; `final` has the same effect as `lost` here. */
  classifySend(error: unknown): ErrorClass;
}

/** Clock, random numbers and network state; tests provide their own. */
export interface Environment {
  now(): number;
  random(): number;
  /** Calls back after a delay; returns a function that cancels the call. */
  after(millis: number, then: () => void): () => void;
  isOnline(): boolean;
}

/** Why a page with a network holds no stream: it is hidden, or other tabs hold all streams. */
export type Pause = "hidden" | "crowded";

/** Decides when the page may hold a stream. */
export interface Gate {
  /**
   * Resolves to a permit, or to undefined when the gate is closed. `waiting` receives the reason of a wait.
   * `revoke` is called when other tabs need the stream: the page releases it when all edits are accepted.
   */
  acquire(waiting: (why: Pause) => void, revoke: () => void): Promise<Permit | undefined>;
  /** Ends all waiting. */
  close(): void;
}

/** The right to hold one stream, until it is released. */
export interface Permit {
  release(): void;
}

export type Phase =
  | { kind: "connecting" }
  | { kind: "online" }
  | { kind: "paused"; why: Pause; since: number }
  | { kind: "waiting"; retryAt: number; reason: string }
  | { kind: "closed"; end: End; reason: string };

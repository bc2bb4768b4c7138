// What a connection needs from its surroundings and what it says about itself: types alone.

/** The engine's side: what goes into a session and what comes out of it. */
export interface Core<Hello, In, Out> {
  /** A new session begins: the greeting that opens or resumes it. */
  hello(): Hello;
  /** One message from the server: a frame, or a piece of one. The session's name, if this opens it. */
  receive(message: In): string | undefined;
  /** Frames to send now; asked again after every frame and every edit. */
  outgoing(): Out[];
  /** Whether edits are not accepted yet. */
  unsaved(): boolean;
  /** The session is over; what was not confirmed goes out again in the next one. */
  disconnected(): void;
}

/** Why no further attempt is made: the token has ended; no such sheet, or no right to it; the address
 * names no sheet; anything else that another attempt does not change. */
export type End = "signed-out" | "no-sheet" | "bad-link" | "refused";

export type Verdict =
  /** The same request may work; only a new session will. */
  | { kind: "retry" | "lost"; text: string }
  /** Nothing will until the person does something. `text` is one sentence for a person. */
  | { kind: "final"; end: End; text: string };

/** The network's side. */
export interface Port<Hello, In, Out> {
  watch(hello: Hello, signal: AbortSignal): AsyncIterable<In>;
  /** Resolves to the number of the last frame that the server has received. */
  send(
    sessionId: string,
    first: bigint,
    frames: readonly Out[],
    signal: AbortSignal,
  ): Promise<bigint>;
  size(frame: Out): number;
  ping(nonce: bigint): Out;
  /** What the end of a session means. */
  judge(error: unknown): Verdict;
  /** What a failed `send` means; `final` is the same as `lost` here. */
  judgeSend(error: unknown): Verdict;
}

/** Time, chance and the browser's word on the network. */
export interface World {
  now(): number;
  random(): number;
  /** Calls back after a while; returns how to call it off. */
  after(millis: number, then: () => void): () => void;
  isOnline(): boolean;
}

/** Why a page holds no stream although it could: it is hidden, or other tabs hold all there are. */
export type Pause = "hidden" | "crowded";

/** Decides when the page may hold a stream. */
export interface Gate {
  /**
   * Resolves when it may; undefined once the gate is closed. `waiting` is told why it takes longer.
   * `recall` is called when others need the stream: it is given up as soon as nothing is unsaved.
   */
  enter(waiting: (why: Pause) => void, recall: () => void): Promise<Pass | undefined>;
  /** Ends all waiting. */
  close(): void;
}

/** The right to hold one stream. */
export interface Pass {
  leave(): void;
}

export type Phase =
  | { kind: "connecting" }
  | { kind: "online" }
  | { kind: "paused"; why: Pause; since: number }
  | { kind: "waiting"; retryAt: number; reason: string }
  | { kind: "closed"; end: End; reason: string };

// Sends a piece of an import, again where that helps: after a while that the server names, or soon after the network
// was gone.
import { reasonOf } from "./reasons.ts";

/** How often one piece is sent before the import fails. */
const ATTEMPTS = 4;
/** Milliseconds before the first retry of a piece; each further retry waits longer by this. */
const RETRY_MILLIS = 500;
/** Reasons of a server without room now: the piece is sent again when it says, as often as that takes. */
const WAITS: ReadonlySet<string> = new Set(["BUSY", "RATE_LIMITED"]);
/** The import has ended; a repeated piece gets the same answer. */
const ENDED = "IMPORT_LOST";

interface Sending {
  signal: AbortSignal;
  /** True for an error after which the piece is sent again. */
  retryable: (error: unknown) => boolean;
  /** The server has no room now, and the piece is sent later. */
  onWait: () => void;
}

/** Sends a piece until the server has it, or refuses it for good. */
export async function sendPiece<Answer>(
  send: () => Promise<Answer>,
  { signal, retryable, onWait }: Sending,
): Promise<Answer> {
  for (let attempt = 1; ; ) {
    try {
      return await send();
    } catch (error) {
      const waits = placeAfter(error);
      if (waits === undefined && (attempt === ATTEMPTS || hasEnded(error) || !retryable(error)))
        throw error;
      if (waits !== undefined) onWait();
      await pause(waits ?? RETRY_MILLIS * attempt++, signal);
    }
  }
}

/** The wait after which a server without room now may have some; undefined for another error. */
function placeAfter(error: unknown): number | undefined {
  const { name, retryMillis } = reasonOf(error);
  return WAITS.has(name) ? retryMillis : undefined;
}

function hasEnded(error: unknown): boolean {
  return reasonOf(error).name === ENDED;
}

/** Waits, and no longer than until the import is cancelled. */
function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const cancel = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cancel);
      resolve();
    }, millis);
    signal.addEventListener("abort", cancel, { once: true });
  });
}

// Makes a call until the server answers it: again after a while where the network or the server is away, or without room.
//
// What it is not: send-piece.ts, which gives an import up after seconds, since the server keeps no import for long.
// Invariant: a wait ends when the transfer is cancelled.
import { Code, ConnectError } from "@connectrpc/connect";
import { isNetworkError, isTransient } from "../../../api/errors.ts";
import { reasonOf } from "../../../api/reasons.ts";
import { backoffMillis } from "../../../live/connection/backoff.ts";
import { LocalProblem } from "../problems/local-problem.ts";

/** How often a call is made that fails, where neither the network nor the server is away. */
const ATTEMPTS = 5;
/** Reasons of a server without room now. */
const WAITS: ReadonlySet<string> = new Set(["BUSY", "RATE_LIMITED"]);
/** Reasons that stay until the person changes something. */
const STAYS: ReadonlySet<string> = new Set([
  "STORAGE_FULL",
  "FILES_EXCEEDED",
  "UPLOADS_EXCEEDED",
  "ETAG_MISMATCH",
]);

export interface Persisting {
  signal: AbortSignal;
  /** The reason of a wait; undefined after it. */
  onWait: (error: unknown) => void;
}

type Cause = "away" | "busy" | "passes" | "stays";

function causeOf(error: unknown): Cause {
  if (error instanceof LocalProblem) return "stays";
  const { name, violation } = reasonOf(error);
  if (WAITS.has(name)) return "busy";
  if (STAYS.has(name)) return "stays";
  if (isNetworkError(error)) return "away";
  if (ConnectError.from(error).code === Code.Unavailable) return "away";
  // A byte was changed on the way: the next attempt sends the same piece.
  if (violation?.field.split(".").at(-1) === "digest") return "passes";
  return isTransient(error) ? "passes" : "stays";
}

/** The attempts that have failed. */
class Failures {
  #all = 0;
  #passing = 0;

  get any(): boolean {
    return this.#all > 0;
  }

  /** The wait before the next attempt; undefined: there is none. */
  next(error: unknown): number | undefined {
    const cause = causeOf(error);
    if (cause === "stays") return undefined;
    if (cause === "passes" && ++this.#passing === ATTEMPTS) return undefined;
    const wanted = reasonOf(error).retryMillis ?? 0;
    return Math.max(wanted, backoffMillis(++this.#all, Math.random));
  }
}

/** Calls until there is an answer, or an error that no repetition solves. */
export async function persist<Answer>(
  call: () => Promise<Answer>,
  { signal, onWait }: Persisting,
): Promise<Answer> {
  const failures = new Failures();
  for (;;) {
    try {
      const answer = await call();
      if (failures.any) onWait(undefined);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const millis = failures.next(error);
      if (millis === undefined) throw error;
      onWait(error);
      await pause(millis, signal);
    }
  }
}

/** Waits, and no longer than until the transfer is cancelled. */
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

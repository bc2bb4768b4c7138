// Undo and redo: unary calls, one at a time, in the order of the key presses.
//
// What it is not: it reverts nothing itself. The server makes the change, which arrives through the session
// like any other.
// Invariants: a call waits until all own edits are accepted, so that it undoes the person's last edit. Each
// call has a request id, so that a retry has no second effect.

export type Step = "undo" | "redo";

/** The result of a call. */
export type Answer =
  | { kind: "done"; text?: string | undefined }
  /** further: the call has found nothing, and the next one looks at older changes. */
  | { kind: "retry" | "refused" | "further"; text: string };

export interface UndoEnvironment {
  /** Resolves to true when all own edits are accepted; to false when that takes too long. */
  saved(): Promise<boolean>;
  /** Makes the call; calls with the same `requestId` take effect once. */
  call(step: Step, requestId: string): Promise<Answer>;
  newId(): string;
  notify(look: "info" | "error", text: string): void;
}

/** The most key presses that wait: a key that was held down must not keep undoing after its release. */
const MOST_WAITING = 20;
/** How often one call is made when the network fails. */
const ATTEMPTS = 3;
/** How many calls one key press makes while each finds nothing: the server passes over 16 changes in each. */
const CALLS_MOST = 60;
const OFFLINE = "You can't undo while offline.";

export class UndoQueue {
  readonly #environment: UndoEnvironment;
  #waiting: Step[] = [];
  #busy = false;

  constructor(environment: UndoEnvironment) {
    this.#environment = environment;
  }

  /** Adds a key press to the queue; resolves when the queue is empty, or immediately if it is being processed. */
  async press(step: Step): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(step);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift())
        if (!(await this.#take(next))) this.#waiting = [];
    } finally {
      this.#busy = false;
    }
  }

  /** Makes one step; false when the waiting steps are to be dropped. */
  async #take(step: Step): Promise<boolean> {
    if (!(await this.#environment.saved())) {
      this.#environment.notify("info", OFFLINE);
      return false;
    }
    let id = this.#environment.newId();
    for (let [attempt, calls] = [1, 1]; ; attempt++) {
      const answer = await this.#environment.call(step, id);
      if (answer.kind === "further" && calls < CALLS_MOST) {
        id = this.#environment.newId();
        [attempt, calls] = [0, calls + 1];
        continue;
      }
      if (answer.kind === "done") {
        if (answer.text !== undefined) this.#environment.notify("info", answer.text);
        return true;
      }
      if (answer.kind === "retry" && attempt < ATTEMPTS) continue;
      this.#environment.notify(answer.kind === "retry" ? "error" : "info", answer.text);
      return false;
    }
  }
}

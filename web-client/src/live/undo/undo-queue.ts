// Undo and redo: calls beside the live session, one after the other, in the order of the key presses.
//
// What it is not: it takes nothing back by itself. The server does, and its change comes back through
// the session like anybody's. Invariant: a step is asked for only when all own edits are accepted, so
// that "the last one" is the last one that the person made; and it is done once, however often it
// has to be asked for.

export type Step = "undo" | "redo";

/** What became of a call. */
export type Answer = { kind: "done" } | { kind: "retry" | "refused"; text: string };

export interface UndoWorld {
  /** Resolves when all own edits are accepted; false when that can't be waited for. */
  saved(): Promise<boolean>;
  /** Asks for a step; the same `requestId` does it once. */
  call(step: Step, requestId: string): Promise<Answer>;
  newId(): string;
  notify(look: "info" | "error", text: string): void;
}

/** Key presses that wait; a held key must not go on for minutes after it was let go. */
const MOST_WAITING = 20;
/** How often one step is asked for when the network fails in between. */
const ATTEMPTS = 3;
const OFFLINE = "You can't undo while offline.";

export class UndoQueue {
  readonly #world: UndoWorld;
  #waiting: Step[] = [];
  #busy = false;

  constructor(world: UndoWorld) {
    this.#world = world;
  }

  /** Takes up a key press; resolves when nothing waits any more. */
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

  /** One step; false when those that wait have no sense any more. */
  async #take(step: Step): Promise<boolean> {
    if (!(await this.#world.saved())) {
      this.#world.notify("info", OFFLINE);
      return false;
    }
    const id = this.#world.newId();
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#world.call(step, id);
      if (answer.kind === "done") return true;
      if (answer.kind === "retry" && attempt < ATTEMPTS) continue;
      this.#world.notify(answer.kind === "refused" ? "info" : "error", answer.text);
      return false;
    }
  }
}

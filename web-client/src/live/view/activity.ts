// When each session on a sheet was last active: it moved, selected, edited, or joined.
//
// The server sends how long a session has been idle; from there on this page counts. Invariant: a session that has left
// has no entry.
import type { ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";

/** Milliseconds without activity after which a person is idle. */
export const IDLE_MILLIS = 5 * 60_000;

interface Session {
  sessionId: string;
  accountId: string;
}

export class Activity {
  readonly #now: () => number;
  readonly #last = new Map<string, { accountId: string; at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes when the sessions of a frame were active. */
  note({ frame }: ServerFrame): void {
    const at = this.#now();
    if (frame.case === "presence")
      for (const { sessionId, accountId, idleSeconds } of frame.value.present) {
        const active = Math.max(this.lastOf(sessionId), at - idleSeconds * 1_000);
        this.#last.set(sessionId, { accountId, at: active });
      }
    if (frame.case !== "changes") return;
    const authors = new Set(frame.value.changes.map(({ authorId }) => authorId));
    for (const session of this.#last.values()) if (authors.has(session.accountId)) session.at = at;
  }

  /** These are all sessions now; none while the page is disconnected. */
  keep(sessions: readonly Session[]): void {
    if (sessions.length === 0) return;
    const present = new Set(sessions.map(({ sessionId }) => sessionId));
    for (const sessionId of this.#last.keys())
      if (!present.has(sessionId)) this.#last.delete(sessionId);
    const at = this.#now();
    for (const { sessionId, accountId } of sessions)
      if (!this.#last.has(sessionId)) this.#last.set(sessionId, { accountId, at });
  }

  /** The time of a session's last activity, in milliseconds. */
  lastOf(sessionId: string): number {
    return this.#last.get(sessionId)?.at ?? 0;
  }

  isIdle(sessionId: string): boolean {
    return this.#now() - this.lastOf(sessionId) >= IDLE_MILLIS;
  }
}

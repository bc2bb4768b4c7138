// Edits that the server has refused because this person's right to edit has ended: the person can copy them.
//
// Invariant: a value that was refused stays here until the person dismisses it.
import { Code } from "@connectrpc/connect";
import { Store } from "../../base/store.ts";
import type { ServerFrame } from "../../gen/gridloom/v1/live_pb.ts";
import type { UnsavedCell } from "../engine/unsaved-csv.ts";

/** Whether the server refuses an edit by this frame because the role does not allow it. */
export function refusesForRole({ frame }: ServerFrame): boolean {
  return frame.case === "rejected" && frame.value.status?.code === Code.PermissionDenied;
}

/** A refused edit may have moved the lines of the cells, so their rows do not count. */
function keyOf({ column, text }: UnsavedCell): string {
  return JSON.stringify([column, text]);
}

/** The cells that are in `before` more often than in `after`. */
export function gone(before: readonly UnsavedCell[], after: readonly UnsavedCell[]): UnsavedCell[] {
  const left = new Map<string, number>();
  for (const cell of after) left.set(keyOf(cell), (left.get(keyOf(cell)) ?? 0) + 1);
  return before.filter((cell) => {
    const count = left.get(keyOf(cell)) ?? 0;
    left.set(keyOf(cell), count - 1);
    return count <= 0;
  });
}

export class RefusedEdits {
  readonly cells = new Store<readonly UnsavedCell[]>([]);

  /** Runs `receive`, and keeps the unsaved cells that the frame removes for the role. */
  during<T>(frame: ServerFrame, unsaved: () => UnsavedCell[], receive: () => T): T {
    if (!refusesForRole(frame)) return receive();
    const before = unsaved();
    const received = receive();
    const lost = gone(before, unsaved());
    if (lost.length > 0) this.cells.set([...this.cells.get(), ...lost]);
    return received;
  }

  dismiss(): void {
    this.cells.set([]);
  }
}

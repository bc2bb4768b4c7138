// Gestures that are too large for one edit: each step is an edit, and one undo takes all of them back.
//
// Invariant: a notice says how much of an interrupted gesture was done.
import { newGroup } from "../../base/ids.ts";
import type { Gesture } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

/** Builds one edit of a gesture. */
export type Step = (gesture: Gesture) => void;

/** A gesture of several edits, parts of which may be made later. */
export interface Parts {
  /** The group of its edits. */
  readonly group: bigint;
  /** Whether an edit of it was made. */
  begun: boolean;
}

export function newParts(): Parts {
  return { group: newGroup(), begun: false };
}

/** Makes steps until one is refused; returns how many. `stopped` describes how much that number of steps has done. */
export function makeSteps(
  sheet: LiveSheet,
  steps: readonly Step[],
  stopped: (made: number) => string,
  parts = newParts(),
): number {
  for (const [i, step] of steps.entries()) {
    const refuse = (why: string) => {
      const text = `${stopped(i)} The rest can't be done: ${why}. Undo it with Ctrl Z.`;
      showToast("error", text, undefined, { stays: true });
    };
    if (!sheet.make(step, parts.begun ? refuse : undefined, parts.group)) return i;
    parts.begun = true;
  }
  return steps.length;
}

/** "2 of 3 rows were pasted." */
export function partText(done: number, all: number, noun: string, verb: string): string {
  const were = done === 1 ? "was" : "were";
  return `${done.toLocaleString()} of ${all.toLocaleString()} ${noun} ${were} ${verb}.`;
}

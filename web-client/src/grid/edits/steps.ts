// Gestures that are too large for one edit: made in steps, one edit each.
//
// Invariant: the person is told how many undos a gesture takes, and how far one came that was stopped.
import type { Gesture } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

/** Builds one edit of a gesture. */
export type Step = (gesture: Gesture) => void;

/** How far a gesture came: the steps that were made, and the undos that take them back. */
export interface Made {
  steps: number;
  undos: number;
}

/**
 * Makes steps until one is refused. `stopped` tells how much so many steps are, for a gesture of which a
 * part stands; `undos`: those of what the same gesture has done already.
 */
export function makeSteps(
  sheet: LiveSheet,
  steps: readonly Step[],
  stopped: (made: number) => string,
  undos = 0,
): Made {
  // Steps that wait to be sent may be joined into one edit, which is one undo.
  const before = sheet.pending();
  const made = (steps: number): Made => {
    const edits = Math.max(sheet.pending() - before, Math.sign(steps));
    return { steps, undos: undos + edits };
  };
  for (const [i, step] of steps.entries()) {
    const so = made(i);
    const tell = (why: string) => {
      const text = `${stopped(i)} The rest can't be done: ${why}. ${undoText(so.undos)}`;
      showToast("error", text, undefined, { stays: true });
    };
    if (!sheet.make(step, so.undos > 0 ? tell : undefined)) return so;
  }
  return made(steps.length);
}

/** What was too large for one edit may need more than one undo: says so. */
export function tellUndos(undos: number): void {
  if (undos > 1) showToast("info", `This was done in ${undos} steps. ${undoText(undos)}`);
}

function undoText(undos: number): string {
  return undos === 1 ? "Undo it with Ctrl Z." : `Undo it with Ctrl Z pressed ${undos} times.`;
}

/** "2 of 3 rows were pasted." */
export function partText(done: number, all: number, noun: string, verb: string): string {
  const were = done === 1 ? "was" : "were";
  return `${done.toLocaleString()} of ${all.toLocaleString()} ${noun} ${were} ${verb}.`;
}

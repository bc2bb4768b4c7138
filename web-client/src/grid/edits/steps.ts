// Gestures that are too large for one edit: each step is an edit.
//
// Invariant: a notice says how many undos the gesture takes, and how much of an interrupted gesture was
// done.
import type { Gesture } from "../../live/engine/engine.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

/** Builds one edit of a gesture. */
export type Step = (gesture: Gesture) => void;

/** The steps of a gesture that were made, and the undos that take them back. */
export interface StepResult {
  steps: number;
  undos: number;
}

/**
 * Makes steps until one is refused. `stopped` describes how much that number of steps has done; `undos`: the
 * undos that the same gesture needs so far.
 */
export function makeSteps(
  sheet: LiveSheet,
  steps: readonly Step[],
  stopped: (made: number) => string,
  undos = 0,
): StepResult {
  // The engine may join steps that are not sent yet into one edit, which is one undo.
  const before = sheet.pending();
  const made = (steps: number): StepResult => {
    const edits = Math.max(sheet.pending() - before, Math.sign(steps));
    return { steps, undos: undos + edits };
  };
  for (const [i, step] of steps.entries()) {
    const done = made(i);
    const refuse = (why: string) => {
      const text = `${stopped(i)} The rest can't be done: ${why}. ${undoText(done.undos)}`;
      showToast("error", text, undefined, { stays: true });
    };
    if (!sheet.make(step, done.undos > 0 ? refuse : undefined)) return done;
  }
  return made(steps.length);
}

/** Shows how many undos a gesture takes if it takes several. */
export function notifyUndos(undos: number): void {
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

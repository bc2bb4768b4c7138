// A notice with the undo of the last change of this tab.
//
// Invariant: the notice goes with the next change of this tab, also with the one that takes the change back by a key.
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast, type ToastData } from "../../ui/toasts.ts";

const CHANGED = "The sheet was changed in this tab since then: undo that first.";

/** `steps`: the changes of this tab, with the one that is undone. */
export function showUndoable(
  sheet: LiveSheet,
  look: ToastData["look"],
  text: string,
  steps = sheet.steps(),
): void {
  const isLast = () => sheet.steps() === steps;
  const run = () => {
    if (isLast()) sheet.undoRedo("undo");
    else showToast("info", CHANGED);
  };
  const until = (close: () => void) =>
    sheet.version.subscribe(() => {
      if (!isLast()) close();
    });
  showToast(look, text, { label: "Undo", run }, { until });
}

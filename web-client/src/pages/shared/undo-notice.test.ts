// The undo of a notice: as long as it takes back what the notice is about.
import { beforeEach, expect, test, vi } from "vitest";
import { Store } from "../../base/store.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showUndoable } from "./undo-notice.ts";

const showToast = vi.hoisted(() => vi.fn());
vi.mock("../../ui/toasts.ts", () => ({ showToast }));

beforeEach(() => showToast.mockReset());

/** The notice of a sheet with one change, and what happens to it. */
function shown() {
  let steps = 1;
  const version = new Store(0);
  const undoRedo = vi.fn();
  const close = vi.fn();
  const sheet = { steps: () => steps, version, undoRedo } as unknown as LiveSheet;
  showUndoable(sheet, "info", "Done.");
  const [, , action, life] = showToast.mock.calls[0] ?? [];
  const stop = life.until(close);
  const change = (own: boolean) => {
    if (own) steps++;
    version.set(version.get() + 1);
  };
  return { action, undoRedo, close, stop, change };
}

test("changes of others leave the notice, and its undo", () => {
  const { action, undoRedo, close, change } = shown();
  change(false);
  expect(close).not.toHaveBeenCalled();
  action.run();
  expect(undoRedo).toHaveBeenCalledWith("undo");
});

test("a change of this tab removes the notice, as an undo by a key does", () => {
  const { action, undoRedo, close, stop, change } = shown();
  change(true);
  expect(close).toHaveBeenCalledOnce();
  action.run();
  expect(undoRedo).not.toHaveBeenCalled();
  expect(showToast).toHaveBeenLastCalledWith("info", expect.stringContaining("undo that first"));
  stop();
  change(true);
  expect(close).toHaveBeenCalledOnce();
});

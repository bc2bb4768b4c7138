// Opens a live sheet while a pane shows it, or takes the one that the page has left a moment ago.
import { useLayoutEffect, useState } from "react";
import { session } from "../../api/session.ts";
import { keeper } from "../../live/keeper.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Notice } from "../../live/notices/notice.ts";
import { openSheet } from "../../live/open-sheet.ts";
import { showToast } from "../../ui/toasts.ts";
import { hasTab } from "../panes/tabs-item.ts";

export type Opening =
  | { state: "opening" }
  | { state: "open"; sheet: LiveSheet }
  /** The engine could not be loaded. */
  | { state: "failed" };

/** Shown on opening, in browsers without storage. */
const KEEPS_NOTHING =
  "This browser can't store unsaved edits. Keep this page open until it says “Saved”.";

/** The sheets that the page shows now. */
const shown = new Set<LiveSheet>();

/** Asks before the person leaves a page with edits that are stored nowhere. */
function guard(sheet: LiveSheet): () => void {
  const ask = (event: BeforeUnloadEvent) => {
    const unsaved = !sheet.keepsEdits && sheet.status.get().pending > 0;
    if (unsaved || sheet.refused.isAtRisk) event.preventDefault();
  };
  addEventListener("beforeunload", ask);
  return () => removeEventListener("beforeunload", ask);
}

/** A notice names its sheet unless it is the only one that the page shows. */
function notifier(opened: () => LiveSheet | undefined): (notice: Notice) => void {
  return ({ look, text, action, onClose }) => {
    const sheet = opened();
    const only = sheet === undefined || (shown.size === 1 && shown.has(sheet));
    const named = only ? text : `${sheet.layout.get().name}: ${text}`;
    showToast(look, named, action, { onClose });
  };
}

async function openNew(id: string, accountId: string): Promise<LiveSheet> {
  let opened: LiveSheet | undefined;
  const sheet = await openSheet(
    id,
    accountId,
    notifier(() => opened),
  );
  opened = sheet;
  sheet.onClose(guard(sheet));
  if (!sheet.keepsEdits) showToast("info", KEEPS_NOTHING);
  return sheet;
}

export function useLiveSheet(id: string): { opening: Opening; again: () => void } {
  const [attempt, setAttempt] = useState(0);
  const [opening, setOpening] = useState<Opening>({ state: "opening" });
  // Before the page is painted: a sheet that was kept is there at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens the sheet again
  useLayoutEffect(() => {
    const accountId = session.get()?.accountId ?? "";
    const key = `${accountId}/${id}`;
    let open: LiveSheet | undefined;
    let closed = false;
    const show = (sheet: LiveSheet) => {
      open = sheet;
      shown.add(sheet);
      setOpening({ state: "open", sheet });
    };
    const kept = keeper.sheets?.take(key);
    if (kept !== undefined) show(kept);
    else {
      setOpening({ state: "opening" });
      openNew(id, accountId).then(
        (sheet) => (closed ? sheet.close() : show(sheet)),
        () => closed || setOpening({ state: "failed" }),
      );
    }
    return () => {
      closed = true;
      if (open === undefined) return;
      shown.delete(open);
      if (keeper.sheets === undefined) open.close();
      else keeper.sheets.leave(key, open, hasTab(accountId, id));
    };
  }, [id, attempt]);
  return { opening, again: () => setAttempt((made) => made + 1) };
}

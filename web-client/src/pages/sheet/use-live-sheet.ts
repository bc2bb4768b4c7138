// Opens a live sheet while its page is shown.
import { useEffect, useState } from "react";
import { session } from "../../api/session.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Notice } from "../../live/notices/notice.ts";
import { openSheet } from "../../live/open-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

export type Opening =
  | { state: "opening" }
  | { state: "open"; sheet: LiveSheet }
  /** The engine could not be loaded. */
  | { state: "failed" };

/** Shown on opening, in browsers without storage. */
const KEEPS_NOTHING =
  "This browser can't store unsaved edits. Keep this page open until it says “Saved”.";

/** Asks before the person leaves a page with edits that are stored nowhere. */
function guard(sheet: LiveSheet): () => void {
  const ask = (event: BeforeUnloadEvent) => {
    const unsaved = !sheet.keepsEdits && sheet.status.get().pending > 0;
    if (unsaved || sheet.refused.isAtRisk) event.preventDefault();
  };
  addEventListener("beforeunload", ask);
  return () => removeEventListener("beforeunload", ask);
}

export function useLiveSheet(id: string): { opening: Opening; again: () => void } {
  const [attempt, setAttempt] = useState(0);
  const [opening, setOpening] = useState<Opening>({ state: "opening" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens the sheet again
  useEffect(() => {
    setOpening({ state: "opening" });
    let close: (() => void) | undefined;
    let closed = false;
    const accountId = session.get()?.accountId ?? "";
    const notify = ({ look, text, action, onClose }: Notice) =>
      showToast(look, text, action, { onClose });
    openSheet(id, accountId, notify).then(
      (sheet) => {
        if (closed) return sheet.close();
        const unguard = guard(sheet);
        close = () => {
          unguard();
          sheet.close();
        };
        if (!sheet.keepsEdits) showToast("info", KEEPS_NOTHING);
        setOpening({ state: "open", sheet });
      },
      () => {
        if (!closed) setOpening({ state: "failed" });
      },
    );
    return () => {
      closed = true;
      close?.();
    };
  }, [id, attempt]);
  return { opening, again: () => setAttempt((made) => made + 1) };
}

// A live sheet for as long as its page is shown.
import { useEffect, useState } from "react";
import { session } from "../api/session.ts";
import { LiveSheet } from "../live/live-sheet.ts";
import { showToast } from "../ui/toasts.ts";

export type Opening =
  | { state: "opening" }
  | { state: "open"; sheet: LiveSheet }
  | { state: "failed"; reason: string };

/** Asks before leaving while edits are only on this page. */
function guard(sheet: LiveSheet): () => void {
  const ask = (event: BeforeUnloadEvent) => {
    if (!sheet.keepsEdits && sheet.status.get().pending > 0) event.preventDefault();
  };
  addEventListener("beforeunload", ask);
  return () => removeEventListener("beforeunload", ask);
}

export function useLiveSheet(id: string): Opening {
  const [opening, setOpening] = useState<Opening>({ state: "opening" });
  useEffect(() => {
    let close: (() => void) | undefined;
    let closed = false;
    const accountId = session.get()?.accountId ?? "";
    LiveSheet.open(id, accountId, ({ look, text, action }) => showToast(look, text, action)).then(
      (sheet) => {
        if (closed) return sheet.close();
        const unguard = guard(sheet);
        close = () => {
          unguard();
          sheet.close();
        };
        setOpening({ state: "open", sheet });
      },
      () => {
        if (!closed) setOpening({ state: "failed", reason: "The engine could not be loaded." });
      },
    );
    return () => {
      closed = true;
      close?.();
    };
  }, [id]);
  return opening;
}

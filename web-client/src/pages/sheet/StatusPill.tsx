// The status of the sheet: whether all edits are saved, being sent, or only in this browser.
import { useEffect, useState } from "react";
import { askToSignIn } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import type { End } from "../../live/connection/interfaces.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Status } from "../../live/view/sheet-view.ts";

interface PillText {
  look: "saved" | "saving" | "offline";
  text: string;
  title: string;
}

/** After this time without an answer, the pill says that saving is slow. */
const SLOW_MILLIS = 8_000;
/** After this wait for a stream, the pill says that too many tabs are open. */
const CROWDED_MILLIS = 3_000;
const CROWDED =
  "Too many tabs of this server are open, so they take turns. Close some to see every edit immediately.";

function saving(pending: number, slow: boolean): PillText {
  const edits = plural(pending, "edit");
  if (!slow) return { look: "saving", text: "Saving…", title: `Saving ${edits}…` };
  const title = `The server hasn't confirmed ${edits} yet. Too many tabs of this server may be open.`;
  return { look: "saving", text: "Saving is slow…", title };
}

function closed(end: End, reason: string, waiting: string): PillText {
  if (end === "signed-out")
    return { look: "offline", text: `Signed out${waiting}`, title: "Click to sign in again." };
  if (end === "no-sheet")
    return { look: "offline", text: `Read-only${waiting}`, title: "This sheet was deleted." };
  return { look: "offline", text: `Read-only${waiting}`, title: reason };
}

function pillText({ phase, pending }: Status, slow: boolean): PillText {
  const waiting = pending === 0 ? "" : ` – ${plural(pending, "edit")} waiting`;
  switch (phase.kind) {
    case "online":
      if (pending > 0) return saving(pending, slow);
      return { look: "saved", text: "Saved", title: "Every edit is safe on the server." };
    case "paused":
      if (slow) return { look: "offline", text: `Too many tabs${waiting}`, title: CROWDED };
      if (pending > 0) return saving(pending, false);
      return { look: "saved", text: "Saved", title: "Every edit is safe on the server." };
    case "closed":
      return closed(phase.end, phase.reason, waiting);
    case "connecting":
      if (pending === 0)
        return { look: "saving", text: "Connecting…", title: "Connecting to the server." };
      return { look: "offline", text: `Offline${waiting}`, title: "Connecting to the server." };
    case "waiting": {
      const title = `${phase.reason} Click to try again now.`;
      return { look: "offline", text: `Offline${waiting}`, title };
    }
  }
}

/** True when the state has lasted long enough to explain it. */
function useSlow({ phase, pending }: Status): boolean {
  const [slow, setSlow] = useState(false);
  const lasting = phase.kind === "paused" || (phase.kind === "online" && pending > 0);
  const millis = phase.kind === "paused" ? CROWDED_MILLIS : SLOW_MILLIS;
  // Each accepted edit restarts the timer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    setSlow(false);
    if (!lasting) return undefined;
    const timer = setTimeout(() => setSlow(true), millis);
    return () => clearTimeout(timer);
  }, [lasting, millis, pending]);
  return slow;
}

export function StatusPill({ sheet }: { sheet: LiveSheet }) {
  const status = useStore(sheet.status);
  const slow = useSlow(status);
  const { look, text, title } = pillText(status, slow);
  const { phase } = status;
  const signedOut = phase.kind === "closed" && phase.end === "signed-out";
  return (
    <button
      type="button"
      className={`status ${look}`}
      title={title}
      aria-live="polite"
      data-testid="status"
      data-state={look}
      data-pending={status.pending}
      data-phase={phase.kind}
      onClick={signedOut ? askToSignIn : sheet.retryNow}
    >
      {text}
    </button>
  );
}

// The connection's state, told truthfully: what is only here, what is on its way, what is safe.
import { useStore } from "../app/store.ts";
import { plural } from "../app/text.ts";
import type { LiveSheet, Status } from "../live/live-sheet.ts";

interface Words {
  look: "saved" | "saving" | "offline";
  text: string;
  title: string;
}

function words({ phase, pending }: Status): Words {
  if (phase.kind === "online")
    return pending === 0
      ? { look: "saved", text: "Saved", title: "Every edit is safe on the server." }
      : { look: "saving", text: "Saving…", title: `${plural(pending, "edit")} on the way.` };
  if (phase.kind === "connecting" && pending === 0)
    return { look: "saving", text: "Connecting…", title: "Reaching the server." };
  const waiting = pending === 0 ? "" : ` – ${plural(pending, "edit")} waiting`;
  const reason = phase.kind === "waiting" || phase.kind === "closed" ? phase.reason : "";
  return {
    look: "offline",
    text: `Offline${waiting}`,
    title: `${reason} Click to try again now.`.trim(),
  };
}

export function StatusPill({ sheet }: { sheet: LiveSheet }) {
  const status = useStore(sheet.status);
  const { look, text, title } = words(status);
  return (
    <button
      type="button"
      className={`status ${look}`}
      title={title}
      aria-live="polite"
      data-testid="status"
      data-state={look}
      data-pending={status.pending}
      onClick={() => sheet.retryNow()}
    >
      {text}
    </button>
  );
}

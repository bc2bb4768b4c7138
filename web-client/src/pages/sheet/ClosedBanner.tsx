// The banner over an open sheet that accepts no more edits: the reason, and the unsaved edits.
import { askToSignIn } from "../../api/session.ts";
import { navigate } from "../../base/router.ts";
import { useStore } from "../../base/store.ts";
import type { End } from "../../live/connection/interfaces.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyEdits } from "./CopyEdits.tsx";
import { useDeleted } from "./use-deleted.ts";
import { useSharedAgain } from "./use-shared-again.ts";

export function ClosedBanner({ id, sheet }: { id: string; sheet: LiveSheet }) {
  const { phase, pending } = useStore(sheet.status);
  if (phase.kind !== "closed") return null;
  return (
    <div className="banner" role="alert" data-testid="closed-banner" data-end={phase.end}>
      <p>
        <Reason {...{ id, sheet }} end={phase.end} reason={phase.reason} />
        {pending > 0 ? " Your unsaved edits are kept in this browser." : ""}
      </p>
      <Again {...{ id, sheet }} />
      <div className="banner-actions">
        {pending > 0 ? (
          <CopyEdits read={() => ({ cells: sheet.unsavedCells() })} testId="copy-unsaved" />
        ) : null}
        <NextStep {...{ id, sheet }} end={phase.end} />
      </div>
    </div>
  );
}

function Reason({ end, reason }: { end: End; reason: string }) {
  if (end === "no-sheet") return "This sheet was deleted, or you no longer have access to it.";
  if (end === "signed-out") return "You are signed out.";
  return reason;
}

function NextStep({ id, sheet, end }: { id: string; sheet: LiveSheet; end: End }) {
  if (end === "no-sheet") return <Restore id={id} sheet={sheet} />;
  if (end === "signed-out")
    return (
      <Button look="primary" data-testid="banner-sign-in" onClick={askToSignIn}>
        Sign in
      </Button>
    );
  if (end === "outdated")
    return (
      <Button look="primary" data-testid="banner-reload" onClick={() => location.reload()}>
        Reload
      </Button>
    );
  return <Button onClick={sheet.retryNow}>Try again</Button>;
}

/** Opens the sheet when this person may open it again. */
function Again({ id, sheet }: { id: string; sheet: LiveSheet }) {
  useSharedAgain(id, sheet.retryNow);
  return null;
}

function Restore({ id, sheet }: { id: string; sheet: LiveSheet }) {
  const deleted = useDeleted(id, sheet.retryNow);
  return (
    <>
      {deleted.what === "deleted" ? (
        <Button look="primary" data-testid="restore-sheet" onClick={deleted.restore}>
          Restore
        </Button>
      ) : null}
      <Button onClick={() => navigate("/")}>Back to sheets</Button>
    </>
  );
}

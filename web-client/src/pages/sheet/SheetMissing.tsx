// Replaces a sheet that could not be opened: it does not exist, it was deleted, or the account has no access.
import type { End } from "../../live/connection/interfaces.ts";
import { Button } from "../../ui/Button.tsx";
import { StatePage } from "../shared/StatePage.tsx";
import { useDeleted } from "./use-deleted.ts";
import { useSharedAgain } from "./use-shared-again.ts";

interface SheetMissingProps {
  id: string;
  end: End;
  /** The reason, in one sentence. */
  reason: string;
  /** Opens the sheet again. */
  onRetry: () => void;
}

export default function SheetMissing({ id, end, reason, onRetry }: SheetMissingProps) {
  if (end === "no-sheet") return <NoSheet id={id} onRetry={onRetry} />;
  if (end === "bad-link")
    return (
      <StatePage
        title="This link isn't valid"
        text="It doesn't lead to a sheet. Check that you have copied all of it."
        testId="bad-link"
      />
    );
  if (end === "signed-out")
    return (
      <StatePage
        title="You are signed out"
        text="Sign in again to open this sheet."
        testId="signed-out"
        actions={<Retry label="Sign in" onRetry={onRetry} />}
        account
      />
    );
  return (
    <StatePage
      title="This sheet can't be opened"
      text={reason}
      testId="sheet-failure"
      actions={<Retry label="Try again" onRetry={onRetry} />}
      account
    />
  );
}

function Retry({ label, onRetry }: { label: string; onRetry: () => void }) {
  return (
    <Button look="primary" data-testid="sheet-retry" onClick={onRetry}>
      {label}
    </Button>
  );
}

function NoSheet({ id, onRetry }: { id: string; onRetry: () => void }) {
  useSharedAgain(id, onRetry);
  const deleted = useDeleted(id, onRetry);
  if (deleted.what === "asking") return null;
  if (deleted.what === "deleted")
    return (
      <StatePage
        title={`“${deleted.name}” was deleted`}
        text="You can restore it for 30 days after it was deleted."
        testId="sheet-deleted"
        actions={
          <Button look="primary" data-testid="restore-sheet" onClick={deleted.restore}>
            Restore
          </Button>
        }
      />
    );
  return (
    <StatePage
      title="Sheet not found"
      text="This sheet doesn't exist, or you don't have access to it."
      testId="sheet-not-found"
      account
    />
  );
}

// The history of a sheet, in the side panel: each change with author and time, and a dialog for older versions.
import { useState } from "react";
import { useStore } from "../../base/store.ts";
import type { ChangeRecord } from "../../gen/gridloom/v1/history_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { Button } from "../../ui/Button.tsx";
import { showUndoable } from "../shared/undo-notice.ts";
import { timeText } from "./change-text.ts";
import { entriesOf } from "./gestures.ts";
import { whereEach } from "./places/columns-before.ts";
import { usePlaces } from "./places/use-places.ts";
import { RevisionDialog } from "./RevisionDialog.tsx";
import { useHistory } from "./use-history.ts";

interface HistoryPanelProps {
  id: string;
  sheet: LiveSheet;
}

export default function HistoryPanel({ id, sheet }: HistoryPanelProps) {
  const history = useHistory(id, sheet);
  const { canEdit, columns } = useStore(sheet.layout);
  const [shown, setShown] = useState<ChangeRecord>();
  const { changes, loading, problem, hasMore } = history;
  const entries = entriesOf(changes, whereEach(changes, usePlaces(id, changes), columns));
  return (
    <div data-testid="history">
      {problem === undefined ? null : (
        <div className="drawer-note" role="alert">
          <p>{problem}</p>
          <Button onClick={history.reload}>Try again</Button>
        </div>
      )}
      {loading ? <span className="spinner" role="status" aria-label="Loading" /> : null}
      {!loading && problem === undefined && changes.length === 0 ? (
        <p className="drawer-note">No changes yet.</p>
      ) : null}
      <ol className="changes">
        {entries.map(({ change, text, revisions }) => (
          <li key={String(change.revision)}>
            <button
              type="button"
              className="change"
              data-testid="change"
              data-revision={String(change.revision)}
              title="See the sheet after this change"
              onClick={() => setShown(change)}
            >
              <span className="change-what">{text}</span>
              <span className="change-who">
                {change.authorName} · {timeText(change.timeMicros, new Date())} · {revisions}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {hasMore ? (
        <div className="drawer-note">
          <Button onClick={history.loadMore}>Show older changes</Button>
        </div>
      ) : null}
      {shown === undefined ? null : (
        <RevisionDialog
          id={id}
          change={shown}
          canRestore={canEdit}
          place={() => sheet.beginStep()}
          onRestored={() => showUndoable(sheet, "info", "Version restored.")}
          onClose={() => setShown(undefined)}
        />
      )}
    </div>
  );
}

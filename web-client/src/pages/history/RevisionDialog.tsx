// An older version of a sheet: its first rows at one revision, and the button that restores it.
import { useEffect, useState } from "react";
import { errorText } from "../../api/errors.ts";
import { sheets as api } from "../../api/transport.ts";
import { newId } from "../../base/ids.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { formatValue } from "../../cells/values.ts";
import type { ChangeRecord, GetRevisionResponse } from "../../gen/gridloom/v1/history_pb.ts";
import type { Value } from "../../gen/gridloom/v1/values_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { showToast } from "../../ui/toasts.ts";
import { timeText } from "./change-text.ts";

/** Rows of the version that the dialog shows. */
const ROWS_SHOWN = 100;

interface RevisionDialogProps {
  id: string;
  change: ChangeRecord;
  canRestore: boolean;
  /** Undoes a restoration. */
  onUndo: () => void;
  onClose: () => void;
}

export function RevisionDialog({ id, change, canRestore, onUndo, onClose }: RevisionDialogProps) {
  const { revision } = change;
  const [version, setVersion] = useState<GetRevisionResponse>();
  const [problem, setProblem] = useState<string>();
  const [restoring, setRestoring] = useState(false);
  useEffect(() => {
    const abort = new AbortController();
    const at = { case: "revision" as const, value: revision };
    const rows = { start: 0, count: ROWS_SHOWN };
    api
      .getRevision({ sheetId: id, at, rows }, { signal: abort.signal })
      .then(setVersion, (error: unknown) => {
        if (!abort.signal.aborted) setProblem(errorText(error));
      });
    return () => abort.abort();
  }, [id, revision]);

  const restore = async () => {
    setRestoring(true);
    try {
      await api.restoreRevision({ sheetId: id, revision, requestId: newId() });
      showToast("info", "Version restored.", { label: "Undo", run: onUndo });
      onClose();
    } catch (error) {
      setProblem(errorText(error));
      setRestoring(false);
    }
  };

  const title = `Revision ${revision}, ${timeText(change.timeMicros, new Date())}`;
  return (
    <Dialog title={title} onClose={onClose} testId="revision" wide>
      {problem === undefined ? null : (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {version === undefined ? null : <VersionTable version={version} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Close</Button>
        {canRestore ? (
          <Button
            look="primary"
            disabled={version === undefined || restoring}
            data-testid="restore"
            onClick={() => void restore()}
          >
            {restoring ? "Restoring…" : "Restore this version"}
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}

function text(value: Value | undefined): string {
  return value?.kind.case === undefined ? "" : formatValue(value.kind.value);
}

function VersionTable({ version }: { version: GetRevisionResponse }) {
  const { columns, rows, rowCount } = version;
  const more = rowCount - rows.length;
  return (
    <div className="version">
      <table data-testid="version">
        <thead>
          <tr>
            <th scope="col" aria-label="Row" />
            {columns.map((column, col) => (
              <th key={column.id} scope="col">
                {columnTitle(column, col)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={String(row.id)}>
              <th scope="row">{at + 1}</th>
              {columns.map((column, col) => (
                <td key={column.id}>{text(row.values[col])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p>and {more.toLocaleString()} more rows</p> : null}
    </div>
  );
}

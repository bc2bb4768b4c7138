// An older version of a sheet: its first rows at one revision, and the button that restores it.
import { createConnectQueryKey, useMutation, useTransport } from "@connectrpc/connect-query";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { errorText } from "../../api/errors.ts";
import { newId } from "../../base/ids.ts";
import { plural } from "../../base/text.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { plainValue } from "../../cells/values.ts";
import type { ChangeRecord, GetRevisionResponse } from "../../gen/gridloom/v1/history_pb.ts";
import { SheetService } from "../../gen/gridloom/v1/sheets_pb.ts";
import { shownTexts } from "../../grid/draw/column-forms.ts";
import { decimalMark } from "../../live/engine/engine.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { timeText } from "./change-text.ts";
import { readVersion } from "./version.ts";

const { getRevision, restoreRevision } = SheetService.method;
/** Rows of the version that the dialog shows. */
const ROWS_SHOWN = 100;

interface RevisionDialogProps {
  id: string;
  change: ChangeRecord;
  canRestore: boolean;
  /** The place at which a restoration can be undone. */
  place: () => bigint;
  /** The version is restored. */
  onRestored: () => void;
  onClose: () => void;
}

export function RevisionDialog({
  id,
  change,
  canRestore,
  place,
  onRestored,
  onClose,
}: RevisionDialogProps) {
  const { revision } = change;
  const transport = useTransport();
  const at = { case: "revision" as const, value: revision };
  const input = { sheetId: id, at, rows: { start: 0, count: ROWS_SHOWN } };
  const { data: version, error } = useQuery({
    queryKey: createConnectQueryKey({ schema: getRevision, input, cardinality: "finite" }),
    queryFn: ({ signal }) => readVersion(transport, input, signal),
    // A revision never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const restoring = useMutation(restoreRevision, {
    onSuccess: () => {
      onRestored();
      onClose();
    },
  });
  const restore = () =>
    restoring.mutate({ sheetId: id, revision, requestId: newId(), place: place() });
  const problem = restoring.error ?? error;

  const title = `Revision ${revision}, ${timeText(change.timeMicros, new Date())}`;
  return (
    <Dialog title={title} onClose={onClose} testId="revision" wide>
      {problem === null ? null : (
        <p className="form-error" role="alert">
          {errorText(problem)}
        </p>
      )}
      {version === undefined ? null : <VersionTable version={version} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Close</Button>
        {canRestore ? (
          <Button
            look="primary"
            disabled={version === undefined || restoring.isPending}
            data-testid="restore"
            onClick={restore}
          >
            {restoring.isPending ? "Restoring…" : "Restore this version"}
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}

function VersionTable({ version }: { version: GetRevisionResponse }) {
  const { columns, rows, rowCount } = version;
  const more = rowCount - rows.length;
  const text = useMemo(() => shownTexts(columns, decimalMark()), [columns]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="version" aria-label="Rows of this version" tabIndex={0}>
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
                <td key={column.id}>{text(plainValue(row.values[col]), col)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p>and {plural(more, "more row")}</p> : null}
    </section>
  );
}

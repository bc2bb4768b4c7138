// The dialog in which a person gives a column with values another kind: it shows what becomes of them before anything changes.
//
// Invariant: nothing changes without a choice, except where no value would change and each fits.
import { toBinary } from "@bufbuild/protobuf";
import { useState } from "react";
import { columnTitle } from "../../../cells/column-names.ts";
import {
  ColumnKind,
  type ColumnSettings,
  ColumnSettingsSchema,
} from "../../../gen/gridloom/v1/values_pb.ts";
import { KINDS } from "../../../grid/draw/columns.ts";
import { setKind } from "../../../grid/edits/column-kind.ts";
import { heldColumn } from "../../../grid/edits/use-column.ts";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import { Report } from "./Report.tsx";
import { useConvert } from "./use-convert.ts";
import { usePreview } from "./use-preview.ts";
import "../../../styles/convert.css";

export interface ConvertProps {
  id: string;
  sheet: LiveSheet;
  /** The hold of the column. */
  hold: Hold;
  kind: ColumnKind;
  /** The new settings; without them, those of the column stay. */
  settings?: ColumnSettings | undefined;
  onClose: () => void;
  /** The column has its kind. */
  onDone: () => void;
}

export default function ConvertDialog({
  id,
  sheet,
  hold,
  kind,
  settings,
  onClose,
  onDone,
}: ConvertProps) {
  const [first] = useState(() => heldColumn(sheet, hold));
  const [dropTimes, setDropTimes] = useState(false);
  const title = columnTitle(first?.column, first?.col ?? 0);
  const label = KINDS.find((known) => known.kind === kind)?.label ?? "";
  const conversion = { sheetId: id, column: first?.column.id ?? "", kind, settings, dropTimes };
  const onlyKind = () => {
    const now = hold.area()?.col;
    const bytes = settings && toBinary(ColumnSettingsSchema, settings);
    if (now === undefined) return;
    if (setKind(sheet, now, kind, bytes)) onDone();
    else onClose();
  };
  const { loading, report, why, again } = usePreview(sheet, conversion, onlyKind);
  const { busy, failure, run } = useConvert(sheet, title, onDone);
  const hasKept = dropTimes || (report?.kept ?? 0n) > 0n;
  const canConvert = (report?.converted ?? 0n) > 0n;
  return (
    <Dialog title={`Change “${title}” to ${label}`} onClose={onClose} testId="convert">
      <div className="stack">
        {loading ? (
          <p className="convert-loading" role="status">
            <span className="spinner" aria-hidden="true" /> Reading the values…
          </p>
        ) : null}
        {why === undefined ? null : <Failed why={why} onAgain={again} />}
        {report === undefined ? null : <Report report={report} kind={kind} />}
        {kind === ColumnKind.DATE && hasKept ? (
          <label className="convert-choice">
            <input
              type="checkbox"
              checked={dropTimes}
              disabled={busy}
              data-testid="convert-drop-times"
              onChange={(event) => setDropTimes(event.target.checked)}
            />
            Drop times of day
          </label>
        ) : null}
        {failure === undefined ? null : (
          <p className="form-error" role="alert">
            {failure}
          </p>
        )}
        <div className="dialog-actions">
          <Button onClick={onClose}>{busy ? "Stop" : "Cancel"}</Button>
          <Button disabled={busy} data-testid="convert-kind-only" onClick={onlyKind}>
            Only change the kind
          </Button>
          <Button
            look="primary"
            disabled={busy || loading || !canConvert}
            data-testid="convert-values"
            onClick={() => void run(conversion)}
          >
            {busy ? "Converting…" : "Convert"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Failed({ why, onAgain }: { why: string; onAgain: () => void }) {
  return (
    <div className="stack" role="alert">
      <p className="form-error">{why}</p>
      <div>
        <Button onClick={onAgain}>Try again</Button>
      </div>
    </div>
  );
}

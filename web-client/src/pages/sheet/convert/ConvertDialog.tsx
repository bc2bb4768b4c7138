// The dialog in which a person gives a column with values another kind: it shows what becomes of them before anything changes.
//
// Invariant: nothing changes without a choice, except where no value would change and each fits. Nothing changes either where
// others have given the column another kind or other settings since the choice of the kind.
import { toBinary } from "@bufbuild/protobuf";
import { useState } from "react";
import { columnTitle } from "../../../cells/column-names.ts";
import {
  type Column,
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
import { showToast } from "../../../ui/toasts.ts";
import { isAsBefore } from "./as-before.ts";
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
  /** The column for which the settings were chosen; without it, the column that the dialog finds. */
  before?: Column | undefined;
  onClose: () => void;
  /** The column has its kind. */
  onDone: () => void;
}

/** Whether the column is as it was `before`; where it is not, the dialog closes with a notice. */
function checkColumn({ sheet, hold, onClose }: ConvertProps, before: Column | undefined): boolean {
  const now = heldColumn(sheet, hold);
  // A deleted column has a notice of its own.
  if (before === undefined || now === undefined) return false;
  if (isAsBefore(before, now.column)) return true;
  const what = `“${columnTitle(now.column, now.col)}” has got another kind or other settings`;
  showToast("info", `${what} meanwhile, so nothing was done. Look at it again.`);
  onClose();
  return false;
}

export default function ConvertDialog(props: ConvertProps) {
  const { id, sheet, hold, kind, settings, onClose, onDone } = props;
  const [first] = useState(() => heldColumn(sheet, hold));
  const [dropTimes, setDropTimes] = useState(false);
  const title = columnTitle(first?.column, first?.col ?? 0);
  const label = KINDS.find((known) => known.kind === kind)?.label ?? "";
  const conversion = { sheetId: id, column: first?.column.id ?? "", kind, settings, dropTimes };
  const { busy, failure, run } = useConvert(sheet, title, onDone);
  // An interrupted conversion may have changed the column itself.
  const isCurrent = () =>
    failure !== undefined || checkColumn(props, props.before ?? first?.column);
  const onlyKind = () => {
    const now = hold.area()?.col;
    const bytes = settings && toBinary(ColumnSettingsSchema, settings);
    if (now === undefined || !isCurrent()) return;
    if (setKind(sheet, now, kind, bytes)) onDone();
    else onClose();
  };
  const { loading, report, why, again } = usePreview(sheet, conversion, onlyKind);
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
        <Actions
          {...{ busy, onClose, onlyKind }}
          canConvert={!loading && canConvert}
          onConvert={() => isCurrent() && void run(conversion)}
        />
      </div>
    </Dialog>
  );
}

interface ActionsProps {
  busy: boolean;
  canConvert: boolean;
  onClose: () => void;
  onlyKind: () => void;
  onConvert: () => void;
}

function Actions({ busy, canConvert, onClose, onlyKind, onConvert }: ActionsProps) {
  return (
    <div className="dialog-actions">
      <Button onClick={onClose}>{busy ? "Stop" : "Cancel"}</Button>
      <Button disabled={busy} data-testid="convert-kind-only" onClick={onlyKind}>
        Only change the kind
      </Button>
      <Button
        look="primary"
        disabled={busy || !canConvert}
        data-testid="convert-values"
        onClick={onConvert}
      >
        {busy ? "Converting…" : "Convert"}
      </Button>
    </div>
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

// The dialog of a column's kind and settings: options, the form of numbers, a language, and whether it refuses values.
//
// What it is not: a conversion of values. Invariant: it holds its column; when that is deleted, it closes with a notice.
import { type FormEvent, useEffect, useState } from "react";
import { useStore } from "../../../base/store.ts";
import { wholeColumn } from "../../../cells/area.ts";
import { columnTitle } from "../../../cells/column-names.ts";
import type { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { notifyLoss } from "../../../grid/edits/loss-notice.ts";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import { ColumnFields } from "./ColumnFields.tsx";
import { type Draft, draftOf, draftProblem, type Problem } from "./draft.ts";
import { saveColumn, settingsProblem } from "./save.ts";
import "../../../styles/column.css";

export interface ColumnProps {
  sheet: LiveSheet;
  col: number;
  /** The kind with which the dialog opens, instead of the column's. */
  kind?: ColumnKind | undefined;
  onClose: () => void;
}

/** Holds the column; closes the dialog when it is deleted. */
function useColumn({ sheet, col, onClose }: ColumnProps): Hold | undefined {
  const [hold, setHold] = useState<Hold>();
  const version = useStore(sheet.version);
  useEffect(() => {
    const taken = sheet.hold([wholeColumn(col)]);
    setHold(taken);
    return () => taken.release();
  }, [sheet, col]);
  useEffect(() => {
    void version;
    if (hold?.loss() === undefined) return;
    notifyLoss(sheet, hold);
    onClose();
  }, [sheet, hold, version, onClose]);
  return hold;
}

export default function ColumnDialog(props: ColumnProps) {
  const { sheet, col, kind, onClose } = props;
  const hold = useColumn(props);
  const [column] = useState(() => sheet.layout.get().columns[col]);
  const [draft, setDraft] = useState(() => draftOf(column, kind));
  const [problem, setProblem] = useState<Problem>();
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    setProblem(undefined);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = draftProblem(draft) ?? settingsProblem(draft);
    setProblem(wrong);
    const now = hold?.area()?.col;
    if (wrong !== undefined || now === undefined) return;
    if (saveColumn(sheet, now, draft)) onClose();
  };
  return (
    <Dialog
      title={`Column “${columnTitle(column, col)}”`}
      onClose={onClose}
      testId="column-dialog"
      wide
    >
      <form className="stack" onSubmit={submit} noValidate>
        <ColumnFields {...{ sheet, col, column, draft, problem }} onChange={change} />
        <p className="form-error" role="alert" data-testid="column-error">
          {problem?.text ?? ""}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" data-testid="column-save">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

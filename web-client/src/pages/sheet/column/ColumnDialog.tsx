// The dialog of a column's kind and settings: options, the form of numbers, a language, and whether it refuses values.
//
// What it is not: a conversion of values, whose dialog replaces it where another kind is chosen. Invariant: it holds its
// column; when that is deleted, it closes with a notice.
import { type FormEvent, useState } from "react";
import { columnTitle } from "../../../cells/column-names.ts";
import type { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { mayConvert, setKind } from "../../../grid/edits/column-kind.ts";
import { useColumn } from "../../../grid/edits/use-column.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import { ConvertPart } from "../convert/ConvertPart.tsx";
import { ColumnFields } from "./ColumnFields.tsx";
import {
  type Draft,
  draftOf,
  draftProblem,
  isList,
  type Problem,
  settingsBytes,
  settingsOf,
} from "./draft.ts";
import { settingsProblem } from "./settings-problem.ts";
import "../../../styles/column.css";

export interface ColumnProps {
  id: string;
  sheet: LiveSheet;
  col: number;
  /** The kind with which the dialog opens, instead of the column's. */
  kind?: ColumnKind | undefined;
  onClose: () => void;
}

export default function ColumnDialog(props: ColumnProps) {
  const { id, sheet, col, kind, onClose } = props;
  const hold = useColumn(props);
  const [column] = useState(() => sheet.layout.get().columns[col]);
  const [draft, setDraft] = useState(() => draftOf(column, kind));
  const [problem, setProblem] = useState<Problem>();
  /** The position of the column when its conversion was asked for. */
  const [converts, setConverts] = useState<number>();
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
    if (mayConvert(sheet, now, draft.kind, !isList(draft.kind))) setConverts(now);
    else if (setKind(sheet, now, draft.kind, settingsBytes(draft))) onClose();
  };
  if (converts !== undefined) {
    const given = { id, sheet, col: converts, kind: draft.kind, settings: settingsOf(draft) };
    const back = () => setConverts(undefined);
    return <ConvertPart {...given} onClose={back} onDone={onClose} />;
  }
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

// The dialog of a column's kind and settings: options, the form of numbers, a language, and whether it refuses values.
//
// What it is not: a conversion of values, whose dialog replaces it where another kind is chosen. Invariant: it changes the
// held column, and there only what the person has changed.
import { type FormEvent, useState } from "react";
import { columnTitle } from "../../../cells/column-names.ts";
import type { ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { mayConvert, setKind } from "../../../grid/edits/column-kind.ts";
import { heldColumn } from "../../../grid/edits/use-column.ts";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Button } from "../../../ui/Button.tsx";
import { Dialog } from "../../../ui/Dialog.tsx";
import type { ConvertProps } from "../convert/ConvertDialog.tsx";
import { ConvertPart } from "../convert/ConvertPart.tsx";
import { ColumnFields } from "./ColumnFields.tsx";
import {
  type Draft,
  draftOf,
  draftProblem,
  isAtField,
  isList,
  type Problem,
  settingsOf,
  shownOnly,
} from "./draft.ts";
import { bothText, changedSettings, rebased } from "./rebase.ts";
import { settingsProblem } from "./settings-problem.ts";
import "../../../styles/column.css";

export interface ColumnProps {
  id: string;
  sheet: LiveSheet;
  /** The hold of the column. */
  hold: Hold;
  /** The kind with which the dialog opens, instead of the column's. */
  kind?: ColumnKind | undefined;
  onClose: () => void;
}

/** What is wrong with a draft. */
function problemOf(draft: Draft): Problem | undefined {
  return draftProblem(draft) ?? settingsProblem(draft);
}

/** The draft of the person, and what the dialog says about it. */
function useDraft(sheet: LiveSheet, hold: Hold, kind: ColumnKind | undefined) {
  const [first] = useState(() => heldColumn(sheet, hold));
  const [opened, setOpened] = useState(() => draftOf(first?.column));
  const [draft, setDraft] = useState<Draft>(() => ({ ...opened, kind: kind || opened.kind }));
  const [problem, setProblem] = useState<Problem>();
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    setProblem(undefined);
  };
  /** What is to be saved, for the column as it is; undefined where the person must look first. */
  const take = () => {
    const shown = shownOnly(draft, opened);
    const wrong = problemOf(shown);
    const found = heldColumn(sheet, hold);
    setProblem(wrong);
    if (wrong !== undefined || found === undefined) return undefined;
    const now = draftOf(found.column);
    const { draft: next, both } = rebased(opened, shown, now);
    const text = both.length > 0 ? bothText(both) : undefined;
    const left = text === undefined ? problemOf(next) : { setting: "", text };
    if (left === undefined) return { ...found, next, now };
    setOpened(now);
    setDraft(next);
    setProblem(left);
    return undefined;
  };
  return { first, draft, problem, change, take };
}

export default function ColumnDialog({ id, sheet, hold, kind, onClose }: ColumnProps) {
  const { first, draft, problem, change, take } = useDraft(sheet, hold, kind);
  const { col, column } = { col: first?.col ?? 0, column: first?.column };
  /** What the column is to be converted to. */
  const [converts, setConverts] = useState<Pick<ConvertProps, "kind" | "settings" | "before">>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const taken = take();
    if (taken === undefined) return;
    const { next, now } = taken;
    const settings = changedSettings(next, now);
    if (mayConvert(sheet, taken.col, next.kind, !isList(next.kind)))
      setConverts({
        kind: next.kind,
        settings: settings && settingsOf(next),
        before: taken.column,
      });
    else if (setKind(sheet, taken.col, next.kind, settings)) onClose();
  };
  if (converts !== undefined) {
    const back = () => setConverts(undefined);
    return <ConvertPart {...{ id, sheet, hold, ...converts }} onClose={back} onDone={onClose} />;
  }
  return (
    <Dialog
      title={`Column “${columnTitle(column, col)}”`}
      onClose={onClose}
      testId="column-dialog"
      wide
    >
      <form className="stack" onSubmit={submit} noValidate>
        <ColumnFields {...{ sheet, hold, column, draft, problem }} onChange={change} />
        <p className="form-error" role="alert" data-testid="column-error">
          {problem === undefined || isAtField(draft, problem) ? "" : problem.text}
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

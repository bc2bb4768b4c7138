// The dialog of a condition: how the values of a column are tested, and with what.
//
// What it is not: a reader of values (see draft.ts).
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type CellValue, exactText } from "../../../../cells/values.ts";
import type { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import { loadEngine } from "../../../../live/engine/engine.ts";
import { Texts } from "../../../../live/engine/texts.ts";
import { Button } from "../../../../ui/Button.tsx";
import { Dialog } from "../../../../ui/Dialog.tsx";
import { type Columns, kindOf, titleOf } from "../chips/chip-text.ts";
import type { Condition } from "../query.ts";
import { type Draft, draftOf, type Field, type Meant, meantBy } from "./draft.ts";
import { FilterFields } from "./FilterFields.tsx";

interface FilterDialogProps {
  columns: Columns;
  col: number;
  /** The condition that is changed; undefined for a new one. */
  condition: Condition | undefined;
  onApply: (conditions: readonly Condition[]) => void;
  onClose: () => void;
}

const NOT_LOADED = "A part of the page is not loaded, so the value can't be read. Try again.";

/** The text with which an editor of a value begins. The rows on the screen have loaded the engine. */
function editedText(kind: ColumnKind, value: CellValue): string {
  try {
    const texts = Texts.of(kind);
    const text = texts.edited(value);
    texts.free();
    return text;
  } catch {
    return exactText(value);
  }
}

async function readDraft(draft: Draft, col: number, kind: ColumnKind): Promise<Meant> {
  await loadEngine();
  const texts = Texts.of(kind);
  try {
    return meantBy(draft, col, kind, (text) => texts.typed(text));
  } finally {
    texts.free();
  }
}

export default function FilterDialog(props: FilterDialogProps) {
  const { columns, col, condition, onApply, onClose } = props;
  const kind = kindOf(columns, col);
  const [draft, setDraft] = useState(() =>
    draftOf(condition, kind, (value) => editedText(kind, value)),
  );
  const [problem, setProblem] = useState<{ problem: string; field?: Field }>();
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
    setProblem(undefined);
  };
  // The last submission counts, unless the dialog is closed before it is read.
  const submitted = useRef(0);
  useEffect(() => {
    submitted.current = 0;
    return () => {
      submitted.current = Number.NaN;
    };
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const own = ++submitted.current;
    const meant = await readDraft(draft, col, kind).catch(() => ({ problem: NOT_LOADED }));
    if (own !== submitted.current) return;
    if ("problem" in meant) setProblem(meant);
    else onApply(meant.conditions);
  };
  const title = `Filter by “${titleOf(columns, col)}”`;
  return (
    <Dialog title={title} onClose={onClose} testId="filter-dialog">
      <form className="stack" onSubmit={(event) => void submit(event)} noValidate>
        <FilterFields
          {...{ kind, draft }}
          problem={(field) => (problem?.field === field ? problem.problem : undefined)}
          onChange={change}
        />
        <p className="form-error" role="alert">
          {problem !== undefined && problem.field === undefined ? problem.problem : ""}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" data-testid="filter-apply">
            Filter
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

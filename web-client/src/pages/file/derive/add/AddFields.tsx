// The rows of computed columns: a name and a formula for each.
import { useEffect, useRef } from "react";
import { Button, IconButton } from "../../../../ui/Button.tsx";
import { TextField } from "../../../../ui/TextField.tsx";
import type { Making } from "../made/MakeDialog.tsx";
import { type ColumnDraft, emptyColumn, MOST_COLUMNS, problemOf } from "./draft.ts";
import { FormulaField } from "./FormulaField.tsx";
import type { Refused } from "./refused.ts";

interface AddFieldsProps {
  drafts: readonly ColumnDraft[];
  /** Of the columns of the source. */
  names: readonly string[];
  making: Making;
  refused: (Refused & { id: number }) | undefined;
  onChange: (drafts: readonly ColumnDraft[]) => void;
}

export function AddFields({ drafts, names, making, refused, onChange }: AddFieldsProps) {
  const list = useRef<HTMLOListElement>(null);
  /** The row whose name gets the focus after the next change. */
  const next = useRef<number>(undefined);
  useEffect(() => {
    void drafts;
    const id = next.current;
    next.current = undefined;
    if (id !== undefined)
      list.current?.querySelector<HTMLInputElement>(`[data-row="${id}"] input`)?.focus();
  }, [drafts]);
  const add = () => {
    const fresh = emptyColumn(drafts);
    next.current = fresh.id;
    onChange([...drafts, fresh]);
  };
  const remove = (at: number) => {
    next.current = (drafts[at + 1] ?? drafts[at - 1])?.id;
    onChange(drafts.filter((_, i) => i !== at));
  };
  return (
    <>
      <ol ref={list} className="derive-rows" aria-label="Computed columns">
        {drafts.map((draft, at) => {
          const own = problemOf(draft, drafts, names);
          const refusal = refused?.id === draft.id ? refused : undefined;
          const shown = (field: "name" | "formula") =>
            (making.isTried ? own[field] : undefined) ??
            (refusal?.field === field ? refusal.text : undefined);
          const change = (part: Partial<ColumnDraft>) =>
            onChange(drafts.map((other) => (other === draft ? { ...draft, ...part } : other)));
          return (
            <Row
              key={draft.id}
              {...{ draft, shown, change }}
              at={refusal?.at}
              isFirst={at === 0}
              // A formula may use the computed columns before it.
              names={[...names, ...namesOf(drafts.slice(0, at))]}
              disabled={making.disabled}
              onRemove={drafts.length > 1 ? () => remove(at) : undefined}
            />
          );
        })}
      </ol>
      <div>
        <Button
          icon="plus"
          disabled={making.disabled || drafts.length >= MOST_COLUMNS}
          data-testid="column-add"
          onClick={add}
        >
          Another column
        </Button>
      </div>
    </>
  );
}

function namesOf(drafts: readonly ColumnDraft[]): readonly string[] {
  return drafts.map(({ name }) => name.trim()).filter((name) => name !== "");
}

interface RowProps {
  draft: ColumnDraft;
  names: readonly string[];
  at: number | undefined;
  isFirst: boolean;
  disabled: boolean;
  shown: (field: "name" | "formula") => string | undefined;
  change: (part: Partial<ColumnDraft>) => void;
  onRemove: (() => void) | undefined;
}

function Row({ draft, names, at, isFirst, disabled, shown, change, onRemove }: RowProps) {
  const called = draft.name.trim() || "this column";
  return (
    <li className="derive-row" data-row={draft.id} data-testid="column-row">
      <TextField
        label="Name of the column"
        value={draft.name}
        disabled={disabled}
        error={shown("name")}
        testId="column-name"
        first={isFirst}
        autoComplete="off"
        onChange={(name) => change({ name })}
      />
      <FormulaField
        of={called}
        formula={draft.formula}
        {...{ names, disabled, at }}
        problem={shown("formula")}
        onChange={(formula) => change({ formula })}
      />
      {onRemove === undefined ? null : (
        <IconButton
          icon="x"
          label={`Remove ${called}`}
          disabled={disabled}
          data-testid="column-remove"
          onClick={onRemove}
        />
      )}
    </li>
  );
}

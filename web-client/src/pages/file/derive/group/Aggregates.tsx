// What is computed of each group: a function, its column and a name.

import { AggregateFunction } from "../../../../gen/gridloom/v1/derivations_pb.ts";
import { Button, IconButton } from "../../../../ui/Button.tsx";
import { Select } from "../../../../ui/Select.tsx";
import { TextField } from "../../../../ui/TextField.tsx";
import { type Columns, columnOptions } from "../made/columns.ts";
import {
  type AggregateDraft,
  type AggregateProblem,
  aggregateProblem,
  FUNCTIONS,
  MOST_AGGREGATES,
  needsColumn,
  nextAggregate,
  wordsOf,
} from "./draft.ts";
import type { RefusedAggregate } from "./refused.ts";

interface AggregatesProps {
  aggregates: readonly AggregateDraft[];
  columns: Columns;
  disabled: boolean;
  isTried: boolean;
  refused: RefusedAggregate | undefined;
  onChange: (aggregates: readonly AggregateDraft[]) => void;
}

const OPTIONS = FUNCTIONS.map(({ value, label }) => ({ value: String(value), label }));

export function Aggregates(props: AggregatesProps) {
  const { aggregates, columns, disabled, isTried, refused, onChange } = props;
  return (
    <fieldset className="derive-part">
      <legend>Computed of each group</legend>
      <ol className="derive-rows">
        {aggregates.map((one, at) => (
          <Row
            key={one.id}
            {...{ one, columns, disabled }}
            problem={{
              ...(refused?.row === at ? { [refused.field]: refused.text } : {}),
              ...(isTried ? aggregateProblem(one, aggregates) : {}),
            }}
            onChange={(next) => onChange(aggregates.map((other) => (other === one ? next : other)))}
            onRemove={
              aggregates.length > 1
                ? () => onChange(aggregates.filter((other) => other !== one))
                : undefined
            }
          />
        ))}
      </ol>
      <div>
        <Button
          icon="plus"
          disabled={disabled || aggregates.length >= MOST_AGGREGATES}
          data-testid="aggregate-add"
          onClick={() =>
            onChange([...aggregates, nextAggregate(aggregates, AggregateFunction.SUM)])
          }
        >
          Another value
        </Button>
      </div>
    </fieldset>
  );
}

interface RowProps {
  one: AggregateDraft;
  columns: Columns;
  disabled: boolean;
  problem: AggregateProblem;
  onChange: (one: AggregateDraft) => void;
  onRemove: (() => void) | undefined;
}

function Row({ one, columns, disabled, problem, onChange, onRemove }: RowProps) {
  const words = wordsOf(one, columns);
  return (
    <li className="derive-row derive-three" data-testid="aggregate-row">
      <Select
        label="Value"
        options={OPTIONS}
        value={String(one.function)}
        disabled={disabled}
        testId="aggregate-function"
        onChange={(value) => onChange({ ...one, function: Number(value) })}
      />
      {needsColumn(one) ? (
        <Select
          label="Of the column"
          options={[{ value: "", label: "Choose a column" }, ...columnOptions(columns)]}
          value={one.column === undefined ? "" : String(one.column)}
          disabled={disabled}
          error={problem.column}
          testId="aggregate-column"
          onChange={(at) => onChange({ ...one, column: at === "" ? undefined : Number(at) })}
        />
      ) : null}
      <TextField
        label="Name"
        value={one.name}
        placeholder={words}
        disabled={disabled}
        error={problem.name}
        testId="aggregate-name"
        autoComplete="off"
        onChange={(name) => onChange({ ...one, name })}
      />
      {onRemove === undefined ? null : (
        <IconButton
          icon="x"
          label={`Remove ${words}`}
          disabled={disabled}
          data-testid="aggregate-remove"
          onClick={onRemove}
        />
      )}
    </li>
  );
}

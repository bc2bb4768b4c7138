// How the numbers of a column are shown, with an example that the engine writes.
import { Select } from "../../../ui/Select.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { CheckField } from "./CheckField.tsx";
import type { Draft, Problem, Unit } from "./draft.ts";

interface NumberFieldsProps {
  draft: Draft;
  problem: Problem | undefined;
  /** A number of the column, exactly and as it is shown with these settings. */
  example: { exact: string; shown: string } | undefined;
  onChange: (change: Partial<Draft>) => void;
}

const UNITS: { value: Unit; label: string }[] = [
  { value: "none", label: "Numbers" },
  { value: "percent", label: "Percentages" },
  { value: "currency", label: "Money" },
];

export function NumberFields({ draft, problem, example, onChange }: NumberFieldsProps) {
  const wrong = (setting: string) => (problem?.setting === setting ? problem.text : undefined);
  return (
    <>
      <div className="column-pair">
        <Select
          label="Show as"
          options={UNITS}
          value={draft.unit}
          onChange={(unit) => onChange({ unit })}
          testId="column-unit"
        />
        <TextField
          label="Decimals"
          inputMode="numeric"
          placeholder="All"
          maxLength={2}
          value={draft.decimals}
          onChange={(decimals) => onChange({ decimals })}
          error={wrong("decimals")}
          testId="column-decimals"
        />
      </div>
      {draft.unit === "currency" ? (
        <TextField
          label="Currency"
          placeholder="€ or EUR"
          maxLength={16}
          value={draft.currency}
          onChange={(currency) => onChange({ currency })}
          error={wrong("currency")}
          testId="column-currency"
        />
      ) : null}
      <CheckField
        label="Group thousands"
        checked={draft.thousands}
        onChange={(thousands) => onChange({ thousands })}
        testId="column-thousands"
      />
      <p className="note" role="status" data-testid="column-example">
        {example === undefined ? "" : `${example.exact} is shown as ${example.shown}`}
      </p>
    </>
  );
}

// The columns by whose values rows are grouped: a list of choices.
import { IconButton } from "../../../../ui/Button.tsx";
import { Choice, Select } from "../../../../ui/Select.tsx";
import { type Columns, columnOptions, titleOf } from "../made/columns.ts";
import { MOST_BY } from "./draft.ts";

interface ByProps {
  by: readonly number[];
  columns: Columns;
  disabled: boolean;
  onChange: (by: readonly number[]) => void;
}

export function By({ by, columns, disabled, onChange }: ByProps) {
  const options = columnOptions(columns);
  const free = options.filter(({ value }) => !by.includes(Number(value)));
  return (
    <fieldset className="derive-part">
      <legend>Group by</legend>
      {by.length === 0 ? null : (
        <ol className="derive-rows">
          {by.map((at, number) => (
            <li key={at} className="derive-line" data-testid="group-by-row">
              <Choice
                tied={{ "aria-label": `Column ${number + 1} to group by` }}
                options={options.filter(
                  ({ value }) => Number(value) === at || !by.includes(Number(value)),
                )}
                value={String(at)}
                disabled={disabled}
                onChange={(next) => onChange(by.map((one) => (one === at ? Number(next) : one)))}
              />
              <IconButton
                icon="x"
                label={`Remove ${titleOf(columns, at)}`}
                disabled={disabled}
                onClick={() => onChange(by.filter((one) => one !== at))}
              />
            </li>
          ))}
        </ol>
      )}
      {by.length < MOST_BY && free.length > 0 ? (
        <Select
          label={by.length === 0 ? "Column" : "And by"}
          options={[{ value: "", label: "Choose a column" }, ...free]}
          value=""
          disabled={disabled}
          hint={by.length === 0 ? "Without one, all rows are one group." : ""}
          testId="group-by"
          onChange={(next) => {
            if (next !== "") onChange([...by, Number(next)]);
          }}
        />
      ) : null}
    </fieldset>
  );
}

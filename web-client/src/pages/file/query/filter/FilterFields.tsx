// The fields of a condition: its test, the values that it needs, and whether the case of letters counts.
import type { ColumnKind } from "../../../../gen/gridloom/v1/values_pb.ts";
import { Field as Frame } from "../../../../ui/Field.tsx";
import { Select } from "../../../../ui/Select.tsx";
import { TextField } from "../../../../ui/TextField.tsx";
import { wordsOf } from "../words.ts";
import { type Draft, type Field, fieldsOf, hasCase, offered } from "./draft.ts";

/** Characters of a value: an address has no more room. */
const TYPED_MOST = 2_000;

interface FilterFieldsProps {
  kind: ColumnKind;
  draft: Draft;
  problem: (field: Field) => string | undefined;
  onChange: (part: Partial<Draft>) => void;
}

export function FilterFields({ kind, draft, problem, onChange }: FilterFieldsProps) {
  const { choice, isExact } = draft;
  const options = offered(kind, choice).map((value) => ({ value, label: wordsOf(value, kind) }));
  return (
    <>
      <Select
        label="Rows whose value"
        options={options}
        value={choice}
        onChange={(choice) => onChange({ choice })}
        testId="filter-test"
      />
      <Values {...{ draft, problem, onChange }} />
      {hasCase(choice, kind) ? (
        <label className="filter-case">
          <input
            type="checkbox"
            checked={isExact}
            data-testid="filter-exact"
            onChange={(event) => onChange({ isExact: event.target.checked })}
          />
          Capital and small letters differ
        </label>
      ) : null}
    </>
  );
}

function Values({ draft, problem, onChange }: Omit<FilterFieldsProps, "kind">) {
  const field = (name: "first" | "second", label: string) => (
    <TextField
      label={label}
      value={draft[name]}
      onChange={(text) => onChange({ [name]: text })}
      error={problem(name)}
      maxLength={TYPED_MOST}
      autoComplete="off"
      testId={`filter-${name}`}
      first={name === "first"}
    />
  );
  switch (fieldsOf(draft.choice)) {
    case "none":
      return null;
    case "one":
      return field("first", "Value");
    case "two":
      return (
        <>
          {field("first", "From")}
          {field("second", "To")}
        </>
      );
    case "lines":
      return (
        <Frame label="Values, each in a line of its own" error={problem("lines")}>
          {(tied) => (
            <textarea
              {...tied}
              className="filter-lines"
              rows={5}
              maxLength={TYPED_MOST}
              value={draft.lines}
              data-testid="filter-lines"
              onChange={(event) => onChange({ lines: event.target.value })}
            />
          )}
        </Frame>
      );
  }
}

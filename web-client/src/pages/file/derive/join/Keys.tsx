// The pairs of columns with the key of a join.
import { Button, IconButton } from "../../../../ui/Button.tsx";
import { Select } from "../../../../ui/Select.tsx";
import { type Columns, columnOptions } from "../made/columns.ts";
import { type KeyDraft, MOST_KEYS, nextKey, sameNamed } from "./draft.ts";

interface KeysProps {
  keys: readonly KeyDraft[];
  columns: Columns;
  /** Those of the other table. */
  other: Columns;
  disabled: boolean;
  isTried: boolean;
  onChange: (keys: readonly KeyDraft[]) => void;
}

const CHOOSE = { value: "", label: "Choose a column" };

function chosen(at: string): number | undefined {
  return at === "" ? undefined : Number(at);
}

function problemOf(at: number | undefined, isTried: boolean): string | undefined {
  return isTried && at === undefined ? "Choose a column." : undefined;
}

export function Keys({ keys, columns, other, disabled, isTried, onChange }: KeysProps) {
  const pairs = sameNamed(columns, other);
  const add = () => {
    const isFree = (pair: { column: number }) => keys.every(({ column }) => column !== pair.column);
    onChange([...keys, { ...nextKey(keys), ...pairs.find(isFree) }]);
  };
  // A column of the other table that has the name of the chosen one is the usual pair.
  const withColumn = (key: KeyDraft, column: number | undefined): KeyDraft => ({
    ...key,
    column,
    other: pairs.find((pair) => pair.column === column)?.other ?? key.other,
  });
  const change = (key: KeyDraft, next: KeyDraft) =>
    onChange(keys.map((one) => (one === key ? next : one)));
  return (
    <fieldset className="derive-part">
      <legend>Rows belong together where these are equal</legend>
      <ol className="derive-rows">
        {keys.map((key) => (
          <li key={key.id} className="derive-row derive-keys" data-testid="join-key-row">
            <Select
              label="In this table"
              options={[CHOOSE, ...columnOptions(columns)]}
              value={key.column === undefined ? "" : String(key.column)}
              disabled={disabled}
              error={problemOf(key.column, isTried)}
              testId="join-key"
              onChange={(at) => change(key, withColumn(key, chosen(at)))}
            />
            <Select
              label="In the other"
              options={[CHOOSE, ...columnOptions(other)]}
              value={key.other === undefined ? "" : String(key.other)}
              disabled={disabled}
              error={problemOf(key.other, isTried)}
              testId="join-other-key"
              onChange={(at) => change(key, { ...key, other: chosen(at) })}
            />
            {keys.length > 1 ? (
              <IconButton
                icon="x"
                label="Remove this pair"
                disabled={disabled}
                onClick={() => onChange(keys.filter((one) => one !== key))}
              />
            ) : null}
          </li>
        ))}
      </ol>
      {keys.length < MOST_KEYS ? (
        <div>
          <Button icon="plus" disabled={disabled} data-testid="join-key-add" onClick={add}>
            Another pair
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}

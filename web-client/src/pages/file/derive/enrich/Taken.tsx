// The members of an object that become columns.
import { Button, IconButton } from "../../../../ui/Button.tsx";
import { TextField } from "../../../../ui/TextField.tsx";
import { MOST_TAKEN, nextId, type TakeDraft } from "./draft.ts";

interface TakenProps {
  take: readonly TakeDraft[];
  disabled: boolean;
  problem: (field: string) => string | undefined;
  onChange: (take: readonly TakeDraft[]) => void;
}

export function Taken({ take, disabled, problem, onChange }: TakenProps) {
  const change = (one: TakeDraft, part: Partial<TakeDraft>) =>
    onChange(take.map((other) => (other === one ? { ...one, ...part } : other)));
  return (
    <fieldset className="derive-part">
      <legend>New columns</legend>
      <ol className="derive-rows">
        {take.map((one, at) => (
          <li key={one.id} className="derive-row derive-keys" data-testid="take-row">
            <TextField
              label="Path in an object"
              value={one.path}
              placeholder="price.amount"
              disabled={disabled}
              error={problem(`take[${at}].path`)}
              testId="take-path"
              autoComplete="off"
              onChange={(path) => change(one, { path })}
            />
            <TextField
              label="Name of the column"
              value={one.name}
              placeholder={one.path.trim() || "As the path"}
              disabled={disabled}
              error={problem(`take[${at}].name`)}
              testId="take-name"
              autoComplete="off"
              onChange={(name) => change(one, { name })}
            />
            {take.length > 1 ? (
              <IconButton
                icon="x"
                label={`Remove ${one.path.trim() || "this column"}`}
                disabled={disabled}
                onClick={() => onChange(take.filter((other) => other !== one))}
              />
            ) : null}
          </li>
        ))}
      </ol>
      <div>
        <Button
          icon="plus"
          disabled={disabled || take.length >= MOST_TAKEN}
          data-testid="take-add"
          onClick={() => onChange([...take, { id: nextId(take), path: "", name: "" }])}
        >
          Another column
        </Button>
      </div>
    </fieldset>
  );
}

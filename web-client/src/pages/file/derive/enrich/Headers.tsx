// The headers of the requests, such as one with a key of the API. Their values are secrets.
import { Button, IconButton } from "../../../../ui/Button.tsx";
import { TextField } from "../../../../ui/TextField.tsx";
import { type HeaderDraft, MOST_HEADERS, nextId } from "./draft.ts";

interface HeadersProps {
  headers: readonly HeaderDraft[];
  disabled: boolean;
  problem: (field: string) => string | undefined;
  onChange: (headers: readonly HeaderDraft[]) => void;
}

export function Headers({ headers, disabled, problem, onChange }: HeadersProps) {
  const change = (one: HeaderDraft, part: Partial<HeaderDraft>) =>
    onChange(headers.map((other) => (other === one ? { ...one, ...part } : other)));
  return (
    <fieldset className="derive-part">
      <legend>Headers</legend>
      <ol className="derive-rows">
        {headers.map((one, at) => (
          <li key={one.id} className="derive-row derive-keys" data-testid="header-row">
            <TextField
              label="Name"
              value={one.name}
              placeholder="authorization"
              disabled={disabled}
              error={problem(`headers[${at}].name`)}
              testId="header-name"
              autoComplete="off"
              onChange={(name) => change(one, { name })}
            />
            <TextField
              label="Value"
              type="password"
              value={one.value}
              disabled={disabled}
              error={problem(`headers[${at}].value`)}
              hint="Kept with the job, unencrypted, until it ends. No page shows it."
              testId="header-value"
              // A manager of passwords would offer that of the account.
              autoComplete="new-password"
              onChange={(value) => change(one, { value })}
            />
            <IconButton
              icon="x"
              label={`Remove ${one.name.trim() || "this header"}`}
              disabled={disabled}
              onClick={() => onChange(headers.filter((other) => other !== one))}
            />
          </li>
        ))}
      </ol>
      <div>
        <Button
          icon="plus"
          disabled={disabled || headers.length >= MOST_HEADERS}
          data-testid="header-add"
          onClick={() => onChange([...headers, { id: nextId(headers), name: "", value: "" }])}
        >
          {headers.length === 0 ? "Add a header" : "Another header"}
        </Button>
      </div>
    </fieldset>
  );
}

// The fields of an enrichment: the address, where the objects and their keys are, and how fast it is asked.
import { useRef } from "react";
import { flushSync } from "react-dom";
import { Button } from "../../../../ui/Button.tsx";
import { Field } from "../../../../ui/Field.tsx";
import { MenuButton } from "../../../../ui/Menu.tsx";
import { Select } from "../../../../ui/Select.tsx";
import { TextField } from "../../../../ui/TextField.tsx";
import { type Columns, columnOptions } from "../made/columns.ts";
import type { EnrichDraft } from "./draft.ts";
import { Headers } from "./Headers.tsx";
import { Taken } from "./Taken.tsx";

interface EnrichFieldsProps {
  draft: EnrichDraft;
  columns: Columns;
  disabled: boolean;
  /** What is wrong with a field, by its name in a request. */
  problem: (field: string) => string | undefined;
  onChange: (draft: EnrichDraft) => void;
}

export function EnrichFields({ draft, columns, disabled, problem, onChange }: EnrichFieldsProps) {
  const change = (part: Partial<EnrichDraft>) => onChange({ ...draft, ...part });
  return (
    <>
      <Address
        {...{ columns, disabled }}
        url={draft.url}
        problem={problem("url")}
        onChange={(url) => change({ url })}
      />
      <div className="derive-pair">
        <Select
          label="Key"
          options={[{ value: "", label: "Choose a column" }, ...columnOptions(columns)]}
          value={draft.key === undefined ? "" : String(draft.key)}
          disabled={disabled}
          error={problem("key")}
          hint="The column by which answers belong to rows."
          testId="enrich-key"
          onChange={(at) => change({ key: at === "" ? undefined : Number(at) })}
        />
        <TextField
          label="Key in an object"
          value={draft.remoteKey}
          placeholder="id"
          disabled={disabled}
          error={problem("remote_key")}
          hint="Empty: the first object of an answer."
          testId="enrich-remote-key"
          autoComplete="off"
          onChange={(remoteKey) => change({ remoteKey })}
        />
        <TextField
          label="Path to the objects"
          value={draft.listPath}
          placeholder="data.items"
          disabled={disabled}
          error={problem("list_path")}
          hint="Empty: the answer as a whole."
          testId="enrich-list-path"
          autoComplete="off"
          onChange={(listPath) => change({ listPath })}
        />
        <TextField
          label="Requests in a second"
          value={draft.rate}
          placeholder="5"
          inputMode="numeric"
          disabled={disabled}
          error={problem("requests_per_second")}
          testId="enrich-rate"
          autoComplete="off"
          onChange={(rate) => change({ rate })}
        />
      </div>
      <Taken {...{ disabled, problem }} take={draft.take} onChange={(take) => change({ take })} />
      <Headers
        {...{ disabled, problem }}
        headers={draft.headers}
        onChange={(headers) => change({ headers })}
      />
    </>
  );
}

interface AddressProps {
  url: string;
  columns: Columns;
  disabled: boolean;
  problem: string | undefined;
  onChange: (url: string) => void;
}

/** Columns that the list has; the names of others are written. */
const MOST_NAMES = 200;

/** The address, and the list from which a column in braces is inserted. */
function Address({ url, columns, disabled, problem, onChange }: AddressProps) {
  const field = useRef<HTMLInputElement>(null);
  const insert = (name: string) => {
    const own = field.current;
    if (own === null) return;
    const [from, to] = [own.selectionStart ?? url.length, own.selectionEnd ?? url.length];
    const text = `{${name}}`;
    // The caret is placed in the new text.
    flushSync(() => onChange(`${url.slice(0, from)}${text}${url.slice(to)}`));
    own.focus();
    own.setSelectionRange(from + text.length, from + text.length);
  };
  const named = columns.filter(({ name }) => name !== "" && !/[{}]/.test(name));
  const items = named.slice(0, MOST_NAMES).map(({ name }, at) => ({
    label: name,
    id: String(at),
    testId: "enrich-insert-item",
    run: () => insert(name),
  }));
  const hint = "With a column in braces, each key has a request of its own.";
  return (
    <div className="formula">
      <Field label="Address of the API" error={problem} hint={hint}>
        {(tied) => (
          <input
            {...tied}
            ref={field}
            type="url"
            value={url}
            disabled={disabled}
            spellCheck={false}
            autoComplete="off"
            placeholder="https://api.example.org/items/{gtin}"
            data-testid="enrich-url"
            data-first
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <div className="formula-lists">
        <MenuButton
          label="Columns"
          groups={[items]}
          button={
            <Button
              icon="plus"
              look="quiet"
              aria-label="Insert a column into the address"
              disabled={disabled || items.length === 0}
              data-testid="enrich-insert"
            >
              Column
            </Button>
          }
        />
      </div>
    </div>
  );
}

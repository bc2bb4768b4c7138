// The options of a column as a list: each can be renamed, moved and removed, and new ones added.
//
// Several pasted lines are several options. Invariant: the focus stays in the list while entries come, move and go.
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button, IconButton } from "../../../ui/Button.tsx";
import {
  added,
  entryProblem,
  linesOf,
  listProblem,
  MOST_OPTIONS,
  moved,
  OPTION_BYTES,
  type OptionEntry,
  optionsOf,
  pasted,
} from "./options.ts";

interface OptionsEditorProps {
  entries: readonly OptionEntry[];
  /** Texts of the column's loaded cells that are no options yet. */
  found: readonly string[];
  onChange: (entries: readonly OptionEntry[]) => void;
}

/** The lines of a paste, if it has several. */
function pastedLines(event: ClipboardEvent): string[] | undefined {
  const lines = linesOf(event.clipboardData.getData("text/plain"));
  return lines.length > 1 ? lines : undefined;
}

export function OptionsEditor({ entries, found, onChange }: OptionsEditorProps) {
  const count = optionsOf(entries).length;
  const list = useRef<HTMLOListElement>(null);
  const last = useRef<HTMLInputElement>(null);
  /** The entry that gets the focus after the next change. */
  const next = useRef<number>(undefined);
  useEffect(() => {
    void entries;
    const id = next.current;
    next.current = undefined;
    if (id !== undefined)
      list.current?.querySelector<HTMLInputElement>(`[data-entry="${id}"]`)?.focus();
  }, [entries]);
  const remove = (at: number) => {
    next.current = (entries[at + 1] ?? entries[at - 1])?.id;
    if (next.current === undefined) last.current?.focus();
    onChange(entries.filter((_, i) => i !== at));
  };
  const move = (id: number, step: -1 | 1) => {
    next.current = id;
    onChange(moved(entries, id, step));
  };
  return (
    <fieldset className="options-editor">
      <legend>Options</legend>
      <ol ref={list}>
        {entries.map((entry, at) => (
          <Row
            key={entry.id}
            {...{ entry, at }}
            count={entries.length}
            problem={entryProblem(entry, entries)}
            onText={(text) =>
              onChange(entries.map((other) => (other === entry ? { ...entry, text } : other)))
            }
            onLines={(lines) => onChange(pasted(entries, entry.id, lines))}
            onMove={(step) => move(entry.id, step)}
            onRemove={() => remove(at)}
            onEnter={() => {
              const below = entries[at + 1];
              if (below === undefined) last.current?.focus();
              else
                list.current
                  ?.querySelector<HTMLInputElement>(`[data-entry="${below.id}"]`)
                  ?.focus();
            }}
          />
        ))}
      </ol>
      <NewOption field={last} onAdd={(texts) => onChange(added(entries, texts))} />
      <p className={count > MOST_OPTIONS ? "note error" : "note"} role="status">
        {count > MOST_OPTIONS
          ? listProblem(entries)
          : `${count} of at most ${MOST_OPTIONS} options, of ${OPTION_BYTES} bytes each.`}
      </p>
      {found.length === 0 ? null : (
        <Button
          data-testid="options-found"
          onClick={() => onChange(added(entries, found))}
        >{`Add the column's texts (${found.length.toLocaleString()})`}</Button>
      )}
    </fieldset>
  );
}

interface RowProps {
  entry: OptionEntry;
  at: number;
  count: number;
  problem: string | undefined;
  onText: (text: string) => void;
  onLines: (lines: readonly string[]) => void;
  onMove: (step: -1 | 1) => void;
  onRemove: () => void;
  onEnter: () => void;
}

function Row(props: RowProps) {
  const { entry, at, count, problem, onText, onLines, onMove, onRemove, onEnter } = props;
  const name = entry.text.trim() === "" ? `option ${at + 1}` : `“${entry.text.trim()}”`;
  const note = `option-note-${entry.id}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
    if (event.key !== "Enter" && step === undefined) return;
    event.preventDefault();
    if (step === undefined) onEnter();
    else onMove(step as -1 | 1);
  };
  return (
    <li>
      <div className="option-row">
        <input
          aria-label={`Option ${at + 1}`}
          aria-invalid={problem !== undefined}
          aria-describedby={note}
          data-entry={entry.id}
          data-testid="option"
          value={entry.text}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const lines = pastedLines(event);
            if (lines === undefined) return;
            event.preventDefault();
            onLines(lines);
          }}
        />
        <IconButton
          icon={ArrowUp}
          label={`Move ${name} up`}
          aria-disabled={at === 0}
          onClick={() => onMove(-1)}
        />
        <IconButton
          icon={ArrowDown}
          label={`Move ${name} down`}
          aria-disabled={at === count - 1}
          onClick={() => onMove(1)}
        />
        <IconButton icon="x" label={`Remove ${name}`} onClick={onRemove} />
      </div>
      <p id={note} className="option-note">
        {problem ?? ""}
      </p>
    </li>
  );
}

interface NewOptionProps {
  field: { current: HTMLInputElement | null };
  onAdd: (texts: readonly string[]) => void;
}

/** The field below the list: Enter adds its text. */
function NewOption({ field, onAdd }: NewOptionProps) {
  const [text, setText] = useState("");
  const add = () => {
    onAdd(linesOf(text));
    setText("");
    field.current?.focus();
  };
  return (
    <div className="option-row">
      <input
        ref={field}
        aria-label="New option"
        placeholder="New option"
        data-testid="option-new"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // An empty field leaves Enter to the form.
          if (event.key !== "Enter" || text.trim() === "") return;
          event.preventDefault();
          add();
        }}
        onBlur={() => {
          if (text.trim() === "") return;
          onAdd(linesOf(text));
          setText("");
        }}
        onPaste={(event) => {
          const lines = pastedLines(event);
          if (lines === undefined) return;
          event.preventDefault();
          onAdd(lines);
        }}
      />
      <Button data-testid="option-add" onClick={add}>
        Add
      </Button>
    </div>
  );
}

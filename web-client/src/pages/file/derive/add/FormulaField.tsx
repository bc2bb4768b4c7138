// A formula with its lists of columns and functions, and the place in it that can't be read.
import { Sigma } from "lucide-react";
import { useEffect, useRef } from "react";
import { flushSync } from "react-dom";
import { Button } from "../../../../ui/Button.tsx";
import { Field } from "../../../../ui/Field.tsx";
import { MenuButton, type MenuGroups } from "../../../../ui/Menu.tsx";
import { FUNCTIONS } from "./functions.ts";
import { around, inserted, reference } from "./insert.ts";

interface FormulaFieldProps {
  /** The name of the computed column. */
  of: string;
  formula: string;
  /** The names that the formula may use. */
  names: readonly string[];
  disabled: boolean;
  problem: string | undefined;
  /** The number of the character that the problem is at. */
  at: number | undefined;
  onChange: (formula: string) => void;
}

/** Columns that the list has; the names of others are written. */
const MOST_NAMES = 200;

export function FormulaField(props: FormulaFieldProps) {
  const { of, formula, names, disabled, problem, at, onChange } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    const own = field.current;
    if (own === null) return;
    const next = inserted(formula, own.selectionStart, own.selectionEnd, text);
    // The caret is placed in the new text.
    flushSync(() => onChange(next.formula));
    own.focus();
    own.setSelectionRange(next.caret, next.caret);
  };
  return (
    <div className="formula">
      <Field label="Formula" error={problem}>
        {(tied) => (
          <textarea
            {...tied}
            ref={field}
            className="formula-text"
            rows={2}
            spellCheck={false}
            autoCapitalize="off"
            placeholder="[price] * 2"
            value={formula}
            disabled={disabled}
            data-testid="column-formula"
            onChange={(event) => onChange(event.target.value)}
            onKeyDown={(event) => {
              // A formula is one line: Enter begins, as in other fields.
              if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
          />
        )}
      </Field>
      {problem === undefined || at === undefined ? null : <Place {...{ formula, at }} />}
      <div className="formula-lists">
        <MenuButton
          label="Columns"
          groups={columnsOf(names, insert)}
          button={
            <Button
              icon="plus"
              look="quiet"
              aria-label={`Insert a column into the formula of ${of}`}
              disabled={disabled || names.length === 0}
              data-testid="insert-column"
            >
              Column
            </Button>
          }
        />
        <MenuButton
          label="Functions"
          groups={functionsOf(insert)}
          button={
            <Button
              icon={Sigma}
              look="quiet"
              aria-label={`Insert a function into the formula of ${of}`}
              disabled={disabled}
              data-testid="insert-function"
            >
              Function
            </Button>
          }
        />
      </div>
    </div>
  );
}

function columnsOf(names: readonly string[], insert: (text: string) => void): MenuGroups {
  const items = names.slice(0, MOST_NAMES).map((name, at) => ({
    label: name,
    id: String(at),
    testId: "insert-column-item",
    run: () => insert(reference(name)),
  }));
  return [items];
}

/** One menu without submenus, which would take the focus from the formula. */
function functionsOf(insert: (text: string) => void): MenuGroups {
  return FUNCTIONS.map(({ functions }) =>
    functions.map(({ name, about }) => ({
      label: name,
      note: about,
      testId: `insert-${name}`,
      run: () => insert(`${name}()`),
    })),
  );
}

/** The formula with the character that can't be read. The problem above it names its number. */
function Place({ formula, at }: { formula: string; at: number }) {
  const [before, here, after] = around(formula, at);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    if (at >= 0) mark.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [at]);
  return (
    <p className="formula-place" aria-hidden="true" data-testid="formula-place">
      {before}
      <mark ref={mark}>{here || "\u00a0"}</mark>
      {after}
    </p>
  );
}

// A field with a list of choices: arrow keys and the first letters choose, also while the list is closed.
import { Select as Base } from "@base-ui/react/select";
import { Field, type Tied } from "./Field.tsx";
import { Icon } from "./Icon.tsx";
import { COVER } from "./overlay/focus.ts";

interface Option<T extends string> {
  value: T;
  label: string;
  /** What the choice means, in a second line. */
  about?: string;
}

interface SelectProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  error?: string | undefined;
  hint?: string;
  disabled?: boolean;
  testId?: string;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { label, error, hint, ...rest } = props;
  return <Field {...{ label, error, hint }}>{(tied) => <Choice {...rest} tied={tied} />}</Field>;
}

interface ChoiceProps<T extends string> extends Omit<SelectProps<T>, "label" | "error" | "hint"> {
  /** The attributes that tie it to its label, or its name for screen readers. */
  tied: Tied | { "aria-label": string; "aria-busy"?: boolean };
}

/** The choice alone, where no label stands beside it. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { tied, options, value, onChange, disabled = false, testId } = props;
  return (
    <Base.Root
      items={options}
      value={value}
      disabled={disabled}
      modal={false}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <Base.Trigger {...tied} className="select" data-testid={testId}>
        <Base.Value />
        <Icon name="chevronDown" size={16} />
      </Base.Trigger>
      <Options options={options} />
    </Base.Root>
  );
}

function Options<T extends string>({ options }: { options: readonly Option<T>[] }) {
  return (
    <Base.Portal>
      <Base.Positioner
        className="menu-place"
        align="start"
        sideOffset={4}
        alignItemWithTrigger={false}
      >
        <Base.Popup className="menu options" {...COVER}>
          {options.map(({ value, label, about }) => (
            <Base.Item key={value} value={value} label={label} className="menu-item option">
              <span className="menu-check">
                <Base.ItemIndicator>
                  <Icon name="check" size={14} />
                </Base.ItemIndicator>
              </span>
              <span>
                <Base.ItemText>{label}</Base.ItemText>
                {about === undefined ? null : <span className="option-about">{about}</span>}
              </span>
            </Base.Item>
          ))}
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}

// A labelled input with a line below it for a hint or an error, so that an error does not shift the form.
import { type InputHTMLAttributes, useId } from "react";

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: string;
  testId?: string;
  /** True for the field that has the focus when its dialog opens. */
  first?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, error, hint, testId, first, ...rest } = props;
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...rest}
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        data-testid={testId}
        data-first={first}
      />
      <p id={`${id}-note`} className={error === undefined ? "note" : "note error"}>
        {error ?? hint ?? ""}
      </p>
    </div>
  );
}

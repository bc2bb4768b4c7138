// A labelled line of input with room for one sentence below it, so that an error moves nothing.
import { type InputHTMLAttributes, useId } from "react";

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: string;
  testId?: string;
  /** The field of a dialog that has the focus when the dialog opens. */
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

// A labelled line of input with room for one sentence below it, so that an error moves nothing.
import { type InputHTMLAttributes, useEffect, useId, useRef } from "react";

interface TextFieldProps
  extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value" | "autoFocus"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: string;
  testId?: string;
  /** Takes the focus and selects its text when it appears. */
  autoFocus?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, error, hint, testId, autoFocus = false, ...rest } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) input.current?.select();
  }, [autoFocus]);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...rest}
        ref={input}
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        data-testid={testId}
      />
      <p id={`${id}-note`} className={error === undefined ? "note" : "note error"}>
        {error ?? hint ?? ""}
      </p>
    </div>
  );
}

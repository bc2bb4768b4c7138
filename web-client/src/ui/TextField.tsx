// A field with one line of text.
import type { InputHTMLAttributes } from "react";
import { Field } from "./Field.tsx";

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
  return (
    <Field {...{ label, error, hint }}>
      {(tied) => (
        <input
          {...rest}
          {...tied}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          data-testid={testId}
          data-first={first}
        />
      )}
    </Field>
  );
}

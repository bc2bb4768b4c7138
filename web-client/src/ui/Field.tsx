// The frame of a field in a form: its label, the control, and a line below for a hint or an error.
//
// Invariant: screen readers read the error with the control, and an error does not shift the form.
import { type ReactNode, useId } from "react";

/** The attributes that tie a control to its label and its note. */
export interface Tied {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
}

interface FieldProps {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
  children: (tied: Tied) => ReactNode;
}

export function Field({ label, error, hint, children }: FieldProps) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": note })}
      <p id={note} className={error === undefined ? "note" : "note error"}>
        {error ?? hint ?? ""}
      </p>
    </div>
  );
}

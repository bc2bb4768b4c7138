// A form of one action: its fields, the button that sends it, and the error that belongs to no field.
import type { FormEvent, ReactNode } from "react";
import { Button } from "../../ui/Button.tsx";

interface ActionFormProps {
  /** The text of the button. */
  action: string;
  isPending: boolean;
  /** The error below the button; empty: none. */
  failure: string;
  onSubmit: () => void;
  children: ReactNode;
}

export function ActionForm({ action, isPending, failure, onSubmit, children }: ActionFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {children}
      <Button
        look="primary"
        className="wide"
        type="submit"
        disabled={isPending}
        data-testid="submit"
      >
        {action}
      </Button>
      <p className="form-error" role="alert" data-testid="form-error">
        {failure}
      </p>
    </form>
  );
}

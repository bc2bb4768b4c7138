// A form of one action: its fields, the button that sends it, and the error that belongs to no field.
import type { FormEvent, ReactNode } from "react";
import { Button } from "../../ui/Button.tsx";

interface ActionFormProps {
  /** The text of the button. */
  action: string;
  look?: "primary" | "plain";
  /** The name of the form in tests, on a page with several. */
  id?: string;
  isPending: boolean;
  /** The error below the button; empty: none. */
  failure: string;
  onSubmit: () => void;
  children: ReactNode;
}

export function ActionForm(props: ActionFormProps) {
  const { action, look = "primary", id, isPending, failure, onSubmit, children } = props;
  const named = (what: string) => (id === undefined ? what : `${id}-${what}`);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isPending) onSubmit();
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {children}
      <Button
        look={look}
        className="wide"
        type="submit"
        // A disabled button would lose the focus.
        aria-disabled={isPending}
        data-testid={named("submit")}
      >
        {action}
      </Button>
      <p className="form-error" role="alert" data-testid={named("form-error")}>
        {failure}
      </p>
    </form>
  );
}

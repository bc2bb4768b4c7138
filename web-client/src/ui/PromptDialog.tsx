// A dialog with one line of text.
import { type FormEvent, useState } from "react";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { TextField } from "./TextField.tsx";

interface PromptProps {
  title: string;
  label: string;
  initial?: string;
  placeholder?: string;
  action: string;
  maxLength?: number;
  /** Returns the error message for a text, or undefined when it is valid. */
  check?: (text: string) => string | undefined;
  onSubmit: (text: string) => void;
  onClose: () => void;
}

export function PromptDialog(props: PromptProps) {
  const [text, setText] = useState(props.initial ?? "");
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problem = props.check?.(text);
    setError(problem);
    if (problem === undefined) props.onSubmit(text.trim());
  };
  return (
    <Dialog title={props.title} onClose={props.onClose} testId="prompt">
      <form onSubmit={submit} className="stack">
        <TextField
          label={props.label}
          value={text}
          onChange={setText}
          placeholder={props.placeholder ?? ""}
          maxLength={props.maxLength}
          error={error}
          testId="prompt-input"
          first
        />
        <div className="dialog-actions">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="primary" type="submit" data-testid="prompt-submit">
            {props.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

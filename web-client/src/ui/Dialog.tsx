// A modal dialog on the browser's <dialog>, which keeps the focus inside, closes on Escape, and makes the page
// behind inert.
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button.tsx";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  testId?: string;
  wide?: boolean;
}

export function Dialog({ title, onClose, children, testId, wide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null || dialog.open) return;
    dialog.showModal();
    const field = dialog.querySelector<HTMLInputElement>("input[data-first]");
    // Without a field, focusing the dialog keeps the close button from looking selected.
    if (field === null) dialog.focus();
    else field.select();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? "dialog wide" : "dialog"}
      tabIndex={-1}
      aria-labelledby={heading}
      data-testid={testId}
      onClose={onClose}
      onCancel={onClose}
    >
      <header className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <IconButton icon="x" label="Close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}

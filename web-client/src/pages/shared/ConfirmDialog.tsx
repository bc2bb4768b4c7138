// A dialog that asks before a change that the person can't take back.
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";

/** What it means to leave a sheet. */
export const LEAVING = "You can no longer open the sheet until its owner shares it with you again.";

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  /** True while the change is under way. */
  busy: boolean;
  error: string | undefined;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog(props: ConfirmProps) {
  const { title, text, action, busy, error, onConfirm, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose} testId="confirm">
      <div className="stack">
        <p>{text}</p>
        <p className="form-error" role="alert">
          {error ?? ""}
        </p>
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" disabled={busy} data-testid="confirm-yes" onClick={onConfirm}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

// Asks before an own message is deleted.
import { useState } from "react";
import { errorText } from "../../../api/errors.ts";
import { ConfirmDialog } from "../../shared/ConfirmDialog.tsx";

interface DeleteDialogProps {
  remove: () => Promise<void>;
  onClose: () => void;
}

export function DeleteDialog({ remove, onClose }: DeleteDialogProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const onConfirm = () => {
    setBusy(true);
    setProblem(undefined);
    remove().then(onClose, (error: unknown) => {
      setBusy(false);
      setProblem(errorText(error));
    });
  };
  return (
    <ConfirmDialog
      title="Delete this message?"
      text="Its text is removed for everyone. Others see that a message was deleted."
      action="Delete"
      busy={busy}
      error={problem}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}

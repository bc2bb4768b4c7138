// Asks before a message or a comment is deleted.
import { useState } from "react";
import { errorText } from "../../../api/errors.ts";
import { ConfirmDialog } from "../../shared/ConfirmDialog.tsx";

interface DeleteDialogProps {
  title: string;
  text: string;
  remove: () => Promise<void>;
  onClose: () => void;
}

export function DeleteDialog({ title, text, remove, onClose }: DeleteDialogProps) {
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
      {...{ title, text }}
      action="Delete"
      busy={busy}
      error={problem}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}

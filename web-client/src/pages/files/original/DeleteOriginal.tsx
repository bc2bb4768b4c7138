// The question before the uploaded content of a file is deleted, and the call that deletes it.
import { useMutation } from "@connectrpc/connect-query";
import { type File, FileService } from "../../../gen/gridloom/v1/files_pb.ts";
import { showToast } from "../../../ui/toasts.ts";
import { ConfirmDialog } from "../../shared/ConfirmDialog.tsx";
import { fileProblem } from "../problems/file-problem.ts";
import { confirmText } from "./original-text.ts";

interface DeleteOriginalProps {
  file: File;
  /** The file and the lists are to be read again. */
  onDone: () => void;
  onClose: () => void;
}

export function DeleteOriginal({ file, onDone, onClose }: DeleteOriginalProps) {
  const { mutate, isPending, error } = useMutation(FileService.method.deleteOriginal);
  const onSuccess = () => {
    onClose();
    onDone();
    showToast("info", `The original of “${file.name}” is deleted. Its tables stay.`);
  };
  const onConfirm = () => {
    // As the question names it. After a refusal it is read again: it may have been renamed.
    mutate({ fileId: file.id, etag: file.etag }, { onSuccess, onError: onDone });
  };
  return (
    <ConfirmDialog
      title={`Delete the original of “${file.name}”?`}
      text={confirmText(file)}
      action="Delete the original"
      busy={isPending}
      error={error === null ? undefined : fileProblem(error)}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}

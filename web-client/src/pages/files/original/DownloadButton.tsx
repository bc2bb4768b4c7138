// The button that downloads a file. Where its original is deleted, the button shows the reason in place of that.
import type { File } from "../../../gen/gridloom/v1/files_pb.ts";
import { IconButton } from "../../../ui/Button.tsx";
import { showToast } from "../../../ui/toasts.ts";
import { download } from "../transfers/download.ts";
import { noDownload } from "./original-text.ts";

export function DownloadButton({ file }: { file: File }) {
  const reason = noDownload(file);
  return (
    <IconButton
      icon="download"
      label={reason === undefined ? `Download ${file.name}` : `No download. ${reason}`}
      // It can be focused, so that the reason is found.
      aria-disabled={reason !== undefined}
      data-testid="download"
      onClick={() => {
        if (reason === undefined) void download(file);
        else showToast("info", reason);
      }}
    />
  );
}

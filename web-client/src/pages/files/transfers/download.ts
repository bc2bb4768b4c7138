// Downloads a file by a link: the browser saves it as it arrives, shows the progress, and continues it after an
// interruption.
//
// What it is not: a download of what the page has made (see save-file.ts).
// Invariant: what the server refuses before the download begins is a message on the page.
import { files } from "../../../api/files.ts";
import type { File } from "../../../gen/gridloom/v1/files_pb.ts";
import { showToast } from "../../../ui/toasts.ts";
import { fileProblem } from "../problems/file-problem.ts";

/** The files whose links are being made: a second click makes no second download. */
const asked = new Set<string>();

export async function download({ id, name }: Pick<File, "id" | "name">): Promise<void> {
  if (asked.has(id)) return;
  asked.add(id);
  try {
    const { path } = await files.createDownloadLink({ fileId: id });
    const link = document.createElement("a");
    link.href = path;
    // With it, an answer without the file is a failed download, and the page stays.
    link.download = name;
    link.click();
  } catch (error) {
    showToast("error", fileProblem(error));
  } finally {
    asked.delete(id);
  }
}

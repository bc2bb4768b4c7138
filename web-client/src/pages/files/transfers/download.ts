// Downloads a file by a link: the browser saves it as it arrives, shows the progress, and continues it after an
// interruption.
//
// What it is not: a download of what the page has made (see save-file.ts).
// Invariant: what the server refuses before the download begins is a message on the page.

import { CALL_MILLIS } from "../../../api/deadline.ts";
import { files } from "../../../api/files.ts";
import type { File } from "../../../gen/gridloom/v1/files_pb.ts";
import { showToast } from "../../../ui/toasts.ts";
import { fileProblem } from "../problems/file-problem.ts";

const NOT_OFFERED =
  "The server does not offer this file now. Try again later, or ask its operator.";

/** The files whose links are being made: a second click makes no second download. */
const asked = new Set<string>();

export async function download({ id, name }: Pick<File, "id" | "name">): Promise<void> {
  if (asked.has(id)) return;
  asked.add(id);
  try {
    const { path } = await files.createDownloadLink({ fileId: id });
    if (!(await isOffered(path))) return showToast("error", NOT_OFFERED);
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

/** Whether a path leads to a file. A server of an earlier release answers with its page, which would be saved in its place. */
async function isOffered(path: string): Promise<boolean> {
  const signal = AbortSignal.timeout(CALL_MILLIS);
  const { ok, headers } = await fetch(path, { method: "HEAD", signal });
  return ok && headers.has("content-disposition");
}

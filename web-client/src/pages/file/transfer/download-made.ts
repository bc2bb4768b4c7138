// The download of a file that a job has made, by a link of the server.
import { files } from "../../../api/files.ts";
import { showToast } from "../../../ui/toasts.ts";
import { fileProblem } from "../../files/problems/file-problem.ts";

export async function downloadMade(fileId: string, name: string): Promise<void> {
  try {
    const { path } = await files.createDownloadLink({ fileId });
    const link = document.createElement("a");
    Object.assign(link, { href: path, download: name });
    link.click();
  } catch (error) {
    showToast("error", fileProblem(error));
  }
}

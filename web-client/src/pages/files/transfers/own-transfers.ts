// The transfers of the person in this tab. They continue on other pages of the application.
//
// Invariants: they end with the session of their account, and a sign-out asks before. The browser asks before it closes a page with a transfer under way.
import { files } from "../../../api/files.ts";
import { session } from "../../../api/session.ts";
import { navigate } from "../../../base/router.ts";
import { Store } from "../../../base/store.ts";
import { underWay } from "../../../base/under-way.ts";
import type { File as ServerFile } from "../../../gen/gridloom/v1/files_pb.ts";
import { showToast } from "../../../ui/toasts.ts";
import { reloadFilesSoon } from "../file-lists.ts";
import { fileProblem } from "../problems/file-problem.ts";
import { DownloadJob } from "./download-job.ts";
import { requestIdOf } from "./request-id.ts";
import { openSink } from "./sink.ts";
import type { Transfer } from "./transfer.ts";
import { TRANSFERS_MOST, Transfers } from "./transfers.ts";
import { Turns } from "./turns.ts";
import { UploadJob } from "./upload-job.ts";

/** Files that are uploaded at a time, and downloads, which are two of an account on the server, too. */
const AT_ONCE = { upload: 2, download: 2 };
/** Pieces that all uploads of the tab send at a time. */
const PIECES_AT_ONCE = 3;

/** Whether the page of files is on the screen: it shows how each transfer ends. */
export const isPageShown = new Store(false);

function onEnd({ kind, name, state }: Transfer): void {
  if (kind === "upload") reloadFilesSoon();
  if (isPageShown.get()) return;
  const show = { label: "Show", run: () => navigate("/files") };
  const done = kind === "upload" ? "uploaded" : "downloaded";
  if (state.what === "failed")
    showToast("error", `“${name}” was not ${done}. ${state.problem}`, show);
  else if (state.what === "done" && !transfers.isBusy)
    showToast("info", `Your files are ${done}.`, show);
}

export const transfers = new Transfers({ atOnce: AT_ONCE, problemOf: fileProblem, onEnd });

const parts = { files, turns: new Turns(PIECES_AT_ONCE) };

function isMoving({ state }: Transfer): boolean {
  return state.what === "queued" || state.what === "running";
}

function isUnderWay(id: string): boolean {
  return transfers.shown.get().some((it) => it.id === id && isMoving(it));
}

/** Uploads files. `wanted`: the unfinished upload that the person continues. */
export function upload(chosen: readonly File[], wanted?: string): void {
  const twice = chosen.find((file) => isUnderWay(requestIdOf(file)));
  if (twice !== undefined)
    showToast("info", `“${twice.name}”, or a file like it, is being uploaded. Wait for its end.`);
  const left = chosen.filter((file) => !transfers.add(new UploadJob(file, parts, wanted)));
  if (left.length > 0)
    showToast(
      "error",
      `“${left[0]?.name}” and what follows it is not uploaded: at most ${TRANSFERS_MOST} files at once.`,
    );
}

/** Downloads a file, after the person has chosen its place where the browser asks. */
export async function download(file: Pick<ServerFile, "id" | "name" | "sizeBytes">): Promise<void> {
  const id = `download/${file.id}`;
  if (isUnderWay(id)) return;
  try {
    const sink = await openSink(file.name);
    if (sink === undefined) return;
    // A second click while the browser asked.
    if (isUnderWay(id)) return await sink.discard();
    // One that failed before has another place.
    transfers.cancel(id);
    if (!transfers.add(new DownloadJob(file, files, sink))) await sink.discard();
  } catch (error) {
    showToast("error", fileProblem(error));
  }
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

transfers.shown.subscribe(() => underWay.set(transfers.shown.get().filter(isMoving).length));

// Only while it asks: with such a listener, some browsers keep no page for the way back.
transfers.shown.subscribe(() => {
  if (transfers.isBusy) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
});

let account = session.get()?.accountId;
session.subscribe(() => {
  const next = session.get()?.accountId;
  if (next !== account) transfers.stop();
  account = next;
});

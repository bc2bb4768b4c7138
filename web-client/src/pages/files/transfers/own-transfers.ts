// The uploads of the person in this tab. They continue on other pages of the application.
//
// Invariants: they end with the session of their account, and a sign-out asks before. The browser asks before it closes a page with a transfer under way.
import { files } from "../../../api/files.ts";
import { session } from "../../../api/session.ts";
import { navigate } from "../../../base/router.ts";
import { Store } from "../../../base/store.ts";
import { underWay } from "../../../base/under-way.ts";
import { showToast } from "../../../ui/toasts.ts";
import { reloadFilesSoon } from "../file-lists.ts";
import { fileProblem } from "../problems/file-problem.ts";
import { requestIdOf } from "./request-id.ts";
import type { Transfer } from "./transfer.ts";
import { TRANSFERS_MOST, Transfers } from "./transfers.ts";
import { Turns } from "./turns.ts";
import { UploadJob } from "./upload-job.ts";

/** Files that are uploaded at a time. */
const AT_ONCE = 2;
/** Pieces that all uploads of the tab send at a time. */
const PIECES_AT_ONCE = 3;

/** Whether the page of files is on the screen: it shows how each transfer ends. */
export const isPageShown = new Store(false);

function onEnd({ name, state }: Transfer): void {
  reloadFilesSoon();
  if (isPageShown.get()) return;
  const show = { label: "Show", run: () => navigate("/files") };
  if (state.what === "failed")
    showToast("error", `“${name}” was not uploaded. ${state.problem}`, show);
  else if (state.what === "done" && !transfers.isBusy)
    showToast("info", "Your files are uploaded.", show);
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

// Notices for a person whose row or column was deleted, with the text that they had typed there.
import { copyText } from "../../base/copy.ts";
import type { Hold } from "../../live/engine/hold.ts";
import { lossText } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

/** Characters of a text that the notice shows; its button copies all of it. */
const SHOWN = 80;
const STAYS = { stays: true };

async function copy(text: string): Promise<void> {
  if (await copyText(text)) showToast("info", "Copied.");
  else
    showToast("error", `Your browser did not allow the copy. Your text: ${text}`, undefined, STAYS);
}

/** Offers a text that could not be written for copying; `what` happened precedes it. */
export function keepText(what: string, text: string): void {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
  const run = () => void copy(text);
  const notice = `${what} Your text: “${shown}”`.trimStart();
  showToast("info", notice, { label: "Copy my text", run }, STAYS);
}

/** Says that a text that begins with zeros, as codes do, has become a number. */
export function notifyZeros(text: string): void {
  const shown = text.trim().slice(0, SHOWN);
  const notice = `${shown} lost its zeros, as the column has numbers. Type '${shown} to keep them.`;
  showToast("info", notice);
}

/** Shows why a hold is lost, with the text that was typed there. The notice stays until it is dismissed. */
export function notifyLoss(sheet: LiveSheet, hold: Hold, text = ""): void {
  const loss = hold.loss();
  if (loss === undefined) return;
  const what = lossText(loss, (account) => sheet.nameOf(account));
  if (text === "") showToast("info", what, undefined, STAYS);
  else keepText(what, text);
}

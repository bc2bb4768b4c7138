// Tells a person that the place they worked at was deleted, and keeps what they had typed there.
import { copyText } from "../../base/copy.ts";
import type { Hold } from "../../live/engine/hold.ts";
import { lossText } from "../../live/engine/hold.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import { showToast } from "../../ui/toasts.ts";

/** Characters of a text that the notice shows; all of it can be copied. */
const SHOWN = 80;
const STAYS = { stays: true };

async function copy(text: string): Promise<void> {
  if (await copyText(text)) showToast("info", "Copied.");
  else
    showToast("error", `Your browser did not allow the copy. Your text: ${text}`, undefined, STAYS);
}

/** Keeps a text that could not be written: `what` happened stands in front of it. */
export function keepText(what: string, text: string): void {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
  const run = () => void copy(text);
  const notice = `${what} Your text: “${shown}”`.trimStart();
  showToast("info", notice, { label: "Copy my text", run }, STAYS);
}

/** `text`: what was typed and has no place now. The notice stays until it is dismissed. */
export function tellLoss(sheet: LiveSheet, hold: Hold, text = ""): void {
  const loss = hold.loss();
  if (loss === undefined) return;
  const what = lossText(loss, (account) => sheet.nameOf(account));
  if (text === "") showToast("info", what, undefined, STAYS);
  else keepText(what, text);
}

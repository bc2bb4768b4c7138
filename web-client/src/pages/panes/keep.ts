// Begins to keep the sheets that this page leaves: those of the account that is signed in.
import { session } from "../../api/session.ts";
import { browser } from "../../live/browser.ts";
import { engineBytes } from "../../live/engine/engine.ts";
import { keeper } from "../../live/keeper.ts";
import { KeptSheets } from "../../live/kept-sheets.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";

/** Bytes of all engines of the page above which it keeps no sheet. */
const ENGINES_MOST = 128 * 1024 * 1024;

/** Without a shared worker each sheet has a stream, of which all tabs of the browser have four. */
function hasRoom(): boolean {
  return typeof SharedWorker !== "undefined" && engineBytes() < ENGINES_MOST;
}

const sheets = new KeptSheets<LiveSheet>({ after: browser.after, hasRoom });
session.subscribe(() => sheets.closeOthers(`${session.get()?.accountId}/`));
keeper.sheets = sheets;

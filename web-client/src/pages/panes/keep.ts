// Begins to keep the sheets that this page leaves: those of the account that is signed in.
import { session } from "../../api/session.ts";
import { browser } from "../../live/browser.ts";
import { engineBytes } from "../../live/engine/engine.ts";
import { keeper } from "../../live/keeper.ts";
import { KeptSheets } from "../../live/kept-sheets.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";

const sheets = new KeptSheets<LiveSheet>({ after: browser.after, bytes: engineBytes });
session.subscribe(() => sheets.closeOthers(`${session.get()?.accountId}/`));
keeper.sheets = sheets;

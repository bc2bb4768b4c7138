// The sheets that this page has left. What keeps them loads with the tabs, which lead back to them; before that, a sheet
// that is left is closed.
import type { KeptSheets } from "./kept-sheets.ts";
import type { LiveSheet } from "./live-sheet.ts";

export const keeper: { sheets?: KeptSheets<LiveSheet> } = {};

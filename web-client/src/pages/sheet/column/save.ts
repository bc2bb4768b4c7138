// Gives a column its kind and settings as one edit, and says what becomes of its values.
import { plural } from "../../../base/text.ts";
import { columnTitle } from "../../../cells/column-names.ts";
import { KINDS } from "../../../grid/draw/columns.ts";
import { settingsProblem as problemOf } from "../../../live/engine/forms.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { showToast } from "../../../ui/toasts.ts";
import { type Draft, type Problem, settingsBytes } from "./draft.ts";

/** The rule that settings break; the engine has all rules. */
export function settingsProblem(draft: Draft): Problem | undefined {
  const text = problemOf(settingsBytes(draft));
  if (text === undefined) return undefined;
  const [setting = ""] = text.split(" ");
  return { setting, text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.` };
}

/** False when the edit is refused, after a notice. */
export function saveColumn(sheet: LiveSheet, col: number, draft: Draft): boolean {
  const { kind } = draft;
  const bytes = settingsBytes(draft);
  const isMade = sheet.edit((engine) => {
    if (engine.knowsSettings()) engine.updateColumn(col, undefined, kind, undefined, bytes);
    else engine.updateColumn(col, undefined, kind);
  });
  if (!isMade) return false;
  const left = sheet.misfits(col, kind);
  if (left === 0) return true;
  const name = columnTitle(sheet.layout.get().columns[col], col);
  const label = KINDS.find((known) => known.kind === kind)?.label ?? "";
  const stay = left === 1 ? "does not fit: it stays" : "do not fit: they stay";
  showToast(
    "info",
    `“${name}” is of the kind ${label} now. ${plural(left, "loaded value")} ${stay}, with a mark.`,
  );
  return true;
}

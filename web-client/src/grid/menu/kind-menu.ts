// The menu of the kinds of a column. A kind changes no value: the menu shows how many of the loaded values do not fit each,
// and so does a notice after the choice. A list without options opens the settings of the column. A kind that an earlier
// server does not know can't be chosen.
import { plural } from "../../base/text.ts";
import { columnTitle } from "../../cells/column-names.ts";
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { Submenu } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/toasts.ts";
import type { PageActions } from "../actions/page-actions.ts";
import { KINDS } from "../draw/columns.ts";

/** How many values in the loaded rows of a column do not fit a kind. */
function misfits(sheet: LiveSheet, col: number, kind: ColumnKind): number {
  return kind === ColumnKind.ANY ? 0 : sheet.misfits(col, kind);
}

function setKind(sheet: LiveSheet, col: number, kind: ColumnKind, label: string): void {
  const name = columnTitle(sheet.layout.get().columns[col], col);
  if (!sheet.edit((engine) => engine.updateColumn(col, undefined, kind, undefined))) return;
  const left = misfits(sheet, col, kind);
  if (left === 0) return;
  const stay = left === 1 ? "does not fit: it stays" : "do not fit: they stay";
  showToast(
    "info",
    `“${name}” is of the kind ${label} now. ${plural(left, "loaded value")} ${stay}, with a mark.`,
  );
}

/** How many values will not fit a kind, and that they are those of the loaded rows, where there are others. */
function noteOf(sheet: LiveSheet, col: number, kind: ColumnKind): string | undefined {
  const left = misfits(sheet, col, kind);
  if (left === 0) return undefined;
  const { start, count } = sheet.loaded();
  const all = start === 0 && count >= sheet.layout.get().rowCount;
  return `${left.toLocaleString()} ${all ? "" : "of the loaded rows "}won't fit`;
}

const LISTS: readonly ColumnKind[] = [ColumnKind.CHOICE, ColumnKind.CHOICES];

export function kindMenu(
  sheet: LiveSheet,
  col: number,
  actions: Pick<PageActions, "columnSettings">,
): Submenu {
  const column = sheet.layout.get().columns[col];
  const present = column?.kind || ColumnKind.ANY;
  const hasOptions = (column?.settings?.options.length ?? 0) > 0;
  const kinds = KINDS.map(({ kind, label }) => {
    const disabled = !sheet.knowsKind(kind);
    const needsOptions = LISTS.includes(kind) && !hasOptions;
    return {
      label,
      disabled,
      checked: present === kind,
      note: disabled ? "needs a later server" : needsOptions ? "…" : noteOf(sheet, col, kind),
      testId: `kind-${kind}`,
      run: () =>
        needsOptions ? actions.columnSettings(col, kind) : setKind(sheet, col, kind, label),
    };
  });
  return {
    label: "Kind",
    value: kinds.find(({ checked }) => checked)?.label,
    testId: "kind",
    groups: [kinds],
  };
}

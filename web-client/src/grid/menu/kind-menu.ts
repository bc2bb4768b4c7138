// The menu of the kinds of a column, with the number of loaded values that do not fit each. A choice opens the dialog of a
// conversion where values may not fit, and the settings of the column for a list without options. Kinds and settings that an
// earlier server does not know can't be chosen.
import { ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";
import type { LiveSheet } from "../../live/live-sheet.ts";
import type { MenuItem, Submenu } from "../../ui/Menu.tsx";
import type { PageActions } from "../actions/page-actions.ts";
import { KINDS } from "../draw/columns.ts";
import { mayConvert, setKind } from "../edits/column-kind.ts";

/** How many values in the loaded rows of a column do not fit a kind. */
function misfits(sheet: LiveSheet, col: number, kind: ColumnKind): number {
  return kind === ColumnKind.ANY ? 0 : sheet.misfits(col, kind);
}

/**
 * How many values do not fit a kind as they are, and that they are those of the loaded rows, where there are others. What a
 * conversion makes of them the server knows.
 */
function noteOf(sheet: LiveSheet, col: number, kind: ColumnKind): string | undefined {
  const left = misfits(sheet, col, kind);
  if (left === 0) return undefined;
  const loaded = sheet.loaded();
  const all = loaded.start === 0 && loaded.count >= sheet.layout.get().rowCount;
  const number = left.toLocaleString();
  const noun = left === 1 ? "value" : "values";
  const values = all ? `${number} ${noun}` : `${number} of the loaded values`;
  return mayConvert(sheet, col, kind) ? `${values} to convert` : `${values} won't fit`;
}

const LATER = "needs a later server";

/** The item of a column's settings, which an earlier server does not know. */
export function settingsItem(
  sheet: LiveSheet,
  col: number,
  actions: Pick<PageActions, "columnSettings">,
): MenuItem {
  // Lists and settings came with the same release.
  const disabled = !sheet.knowsKind(ColumnKind.CHOICE);
  return {
    label: "Column settings…",
    disabled,
    note: disabled ? LATER : undefined,
    testId: "column-settings",
    run: () => actions.columnSettings(col),
  };
}

const LISTS: readonly ColumnKind[] = [ColumnKind.CHOICE, ColumnKind.CHOICES];

export function kindMenu(
  sheet: LiveSheet,
  col: number,
  actions: Pick<PageActions, "columnSettings" | "convertColumn">,
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
      note: disabled ? LATER : needsOptions ? "…" : noteOf(sheet, col, kind),
      testId: `kind-${kind}`,
      run: () => {
        if (needsOptions) actions.columnSettings(col, kind);
        else if (mayConvert(sheet, col, kind)) actions.convertColumn(col, kind);
        else setKind(sheet, col, kind);
      },
    };
  });
  return {
    label: "Kind",
    value: kinds.find(({ checked }) => checked)?.label,
    testId: "kind",
    groups: [kinds],
  };
}

// Columns as the grid draws them.
import type { GridColumn } from "@glideapps/glide-data-grid";
import { columnTitle } from "../../cells/column-names.ts";
import { type Column, ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";

/** CSS pixels; where nobody chose a width. */
export const DEFAULT_WIDTH = 140;
export const LEAST_WIDTH = 48;
export const MOST_WIDTH = 1_000;

/** How wide a column is drawn. */
export function columnWidth(column: Column): number {
  const chosen = column.width === 0 ? DEFAULT_WIDTH : column.width;
  return Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, chosen));
}

/** The kinds as a person reads them, in the order of the menu. */
export const KINDS: readonly { kind: ColumnKind; label: string }[] = [
  { kind: ColumnKind.ANY, label: "Anything" },
  { kind: ColumnKind.TEXT, label: "Text" },
  { kind: ColumnKind.NUMBER, label: "Number" },
  { kind: ColumnKind.BOOL, label: "Checkbox" },
  { kind: ColumnKind.DATETIME, label: "Date and time" },
];

/** Names from icons.ts; a column of any kind has no mark. */
const ICON_NAMES: Partial<Record<ColumnKind, string>> = {
  [ColumnKind.TEXT]: "text",
  [ColumnKind.NUMBER]: "number",
  [ColumnKind.BOOL]: "checkbox",
  [ColumnKind.DATETIME]: "datetime",
};

export function gridColumns(
  columns: readonly Column[],
  canEdit: boolean,
  resizing: ReadonlyMap<number, number>,
): GridColumn[] {
  return columns.map((column, index) => {
    const icon = ICON_NAMES[column.kind];
    return {
      title: columnTitle(column, index),
      // A column that was just inserted has no id yet.
      id: column.id === "" ? `new-${index}` : column.id,
      width: resizing.get(index) ?? columnWidth(column),
      hasMenu: canEdit,
      ...(icon === undefined ? {} : { icon }),
    };
  });
}

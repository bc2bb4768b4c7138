// Columns as the grid draws them.
import type { GridColumn } from "@glideapps/glide-data-grid";
import { columnTitle } from "../../cells/column-names.ts";
import { type Column, ColumnKind } from "../../gen/gridloom/v1/values_pb.ts";

/** The width of a column that has none of its own, in CSS pixels. */
export const DEFAULT_WIDTH = 140;
/** The same for instants, which name their zone. */
const INSTANT_WIDTH = 172;
export const LEAST_WIDTH = 48;
export const MOST_WIDTH = 1_000;

/** The width of a column on the screen, in CSS pixels. */
export function columnWidth(column: Column): number {
  const usual = column.kind === ColumnKind.DATETIME ? INSTANT_WIDTH : DEFAULT_WIDTH;
  const chosen = column.width === 0 ? usual : column.width;
  return Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, chosen));
}

/** The column kinds with their labels, in the order of the menu. */
export const KINDS: readonly { kind: ColumnKind; label: string }[] = [
  { kind: ColumnKind.ANY, label: "Anything" },
  { kind: ColumnKind.TEXT, label: "Text" },
  { kind: ColumnKind.NUMBER, label: "Number" },
  { kind: ColumnKind.BOOL, label: "Checkbox" },
  { kind: ColumnKind.DATE, label: "Date" },
  { kind: ColumnKind.LOCAL_DATETIME, label: "Date and time" },
  { kind: ColumnKind.DATETIME, label: "Instant (UTC)" },
  { kind: ColumnKind.CHOICE, label: "One of a list" },
  { kind: ColumnKind.CHOICES, label: "Several of a list" },
  { kind: ColumnKind.LINK, label: "Link" },
  { kind: ColumnKind.EMAIL, label: "E-mail" },
];

/** Names of icons in icons.ts; kind ANY has none. */
const ICON_NAMES: Partial<Record<ColumnKind, string>> = {
  [ColumnKind.TEXT]: "text",
  [ColumnKind.NUMBER]: "number",
  [ColumnKind.BOOL]: "checkbox",
  [ColumnKind.DATE]: "date",
  [ColumnKind.LOCAL_DATETIME]: "datetime",
  [ColumnKind.DATETIME]: "instant",
  [ColumnKind.CHOICE]: "choice",
  [ColumnKind.CHOICES]: "choices",
  [ColumnKind.LINK]: "link",
  [ColumnKind.EMAIL]: "email",
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
      // A column has no id until the server has accepted its insertion.
      id: column.id === "" ? `new-${index}` : column.id,
      width: resizing.get(index) ?? columnWidth(column),
      hasMenu: canEdit,
      ...(icon === undefined ? {} : { icon }),
    };
  });
}
